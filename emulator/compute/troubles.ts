import { GoogleError } from '../errors.ts'
import { denied, OperationFailure } from './errors.ts'
import type { Instance } from './instance.ts'
import { nameOf, regionOf } from './links.ts'

/** A zone that has no room. Fields narrow what it has no room for. */
export interface Stockout {
  /** What Google says has room; may be empty. */
  readonly available?: readonly string[]
  readonly machineType?: string
  readonly provisioningModel?: 'STANDARD' | 'SPOT'
  /** How many machines it refuses; default: all. */
  readonly times?: number
}

export interface Quota {
  /** Default 0. */
  readonly limit?: number
  /** Default: everywhere. */
  readonly region?: string
  readonly times?: number
}

/** An operation that ends DONE and with an error, like most that fail at Google's. */
export interface Failure {
  /** Google's word, such as `RESOURCE_NOT_READY`. */
  readonly code: string
  /** Default 500. */
  readonly status?: number
  /** How many operations it ends; default: one. */
  readonly times?: number
}

/** What goes wrong on demand, in the ways of Google's own: an operation that fails, a permission that is missing. */
export interface Troubles {
  stockout(zone: string, options?: Stockout): void
  /** `metric` is Google's: `CPUS`, `N2_CPUS`, `GPUS_ALL_REGIONS`. */
  quota(metric: string, options?: Quota): void
  /** `type` is the operation's: `insert` of an instance, `delete` of anything. What it was to do is not done. */
  fail(type: string, failure: Failure): void
  /** The next `times` machines, by default one, boot and never begin their startup script. */
  silence(times?: number): void
  /** `compute.instances.create` and the like. */
  deny(permission: string): void
  isAllowed(permission: string): boolean
  /** Lists of every zone lose this one. */
  unreachable(zone: string): void
  /** Ends all of it. */
  relieve(): void
}

/** What the resources ask before they act. */
export interface Gate extends Pick<Troubles, 'isAllowed'> {
  /** Throws 403 when the permission is denied. */
  check(permission: string, link: string): void
  /** The limit that `quota` has set, while it refuses anything. */
  findLimit(metric: string, region: string): number | undefined
  isReachable(zone: string): boolean
  /** Throws OperationFailure when operations of this type are to fail. */
  obstruct(type: string): void
  /** Whether a machine that boots now keeps silent. */
  isSilent(): boolean
  /** Throws OperationFailure when there is no room or quota for the instance. */
  admit(instance: Instance): void
}

export function openTroubles(): Troubles & Gate {
  const stockouts: { readonly zone: string; readonly options: Stockout; left: number }[] = []
  const quotas: { readonly metric: string; readonly options: Quota; left: number }[] = []
  const failures: { readonly type: string; readonly failure: Failure; left: number }[] = []
  let silent = 0
  const deniedPermissions = new Set<string>()
  const unreachableZones = new Set<string>()

  return {
    stockout(zone, options = {}) {
      stockouts.push({ zone, options, left: options.times ?? Number.POSITIVE_INFINITY })
    },
    quota(metric, options = {}) {
      quotas.push({ metric, options, left: options.times ?? Number.POSITIVE_INFINITY })
    },
    fail: (type, failure) => void failures.push({ type, failure, left: failure.times ?? 1 }),
    silence(times = 1) {
      silent += times
    },
    deny: (permission) => void deniedPermissions.add(permission),
    unreachable: (zone) => void unreachableZones.add(zone),
    relieve() {
      stockouts.length = 0
      quotas.length = 0
      failures.length = 0
      silent = 0
      deniedPermissions.clear()
      unreachableZones.clear()
    },
    check(permission, link) {
      if (deniedPermissions.has(permission)) throw denied(permission, link)
    },
    isAllowed: (permission) => !deniedPermissions.has(permission),
    findLimit(metric, region) {
      const set = quotas.find(
        ({ options, left, ...each }) =>
          left > 0 && each.metric === metric && (options.region ?? region) === region,
      )
      return set && (set.options.limit ?? 0)
    },
    isReachable: (zone) => !unreachableZones.has(zone),
    obstruct(type) {
      const due = failures.find((each) => each.type === type && each.left > 0)
      if (!due) return
      due.left--
      const { code, status = 500 } = due.failure
      throw new OperationFailure(status, code, [{ code, message: `Injected fault: ${code}` }])
    },
    isSilent() {
      if (silent === 0) return false
      silent--
      return true
    },
    admit(instance) {
      const { zone } = instance.local
      const over = quotas.find(
        ({ options, left }) => left > 0 && (options.region ?? regionOf(zone)) === regionOf(zone),
      )
      if (over) {
        over.left--
        throw overQuota(over.metric, over.options.limit ?? 0, over.options.region)
      }
      const full = stockouts.find(({ options, left, ...each }) => {
        const { machineType, provisioningModel } = options
        const model = provisioningModel ?? instance.scheduling.provisioningModel
        return (
          left > 0 &&
          each.zone === zone &&
          (machineType ?? nameOf(instance.machineType)) === nameOf(instance.machineType) &&
          model === instance.scheduling.provisioningModel
        )
      })
      if (!full) return
      full.left--
      throw noRoom(instance, full.options.available ?? [])
    },
  }
}

function overQuota(metric: string, limit: number, region: string | undefined): OperationFailure {
  const where = region ? `in region ${region}` : 'globally'
  const message = `Quota '${metric}' exceeded.  Limit: ${limit.toFixed(1)} ${where}.`
  const quotaInfo = {
    metricName: `compute.googleapis.com/${metric.toLowerCase()}`,
    limitName: `${metric}-per-project${region ? '-region' : ''}`,
    dimensions: region ? { region } : {},
    limit,
  }
  return new OperationFailure(403, 'FORBIDDEN', [
    { code: 'QUOTA_EXCEEDED', message, errorDetails: [{ quotaInfo }] },
  ])
}

// As in kubernetes/k8s.io#9834, which shows one whole.
function noRoom(instance: Instance, available: readonly string[]): OperationFailure {
  const { project, zone } = instance.local
  const vmType = nameOf(instance.machineType)
  const advice = available.length
    ? ` Consider trying your request in the ${available.join(', ')} zone(s), which currently has capacity to \
accommodate your request.`
    : ''
  return new OperationFailure(503, 'SERVICE UNAVAILABLE', [
    {
      code: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
      message: `The zone 'projects/${project}/zones/${zone}' does not have enough resources available to fulfill the \
request.  '(resource type:compute)'.`,
      errorDetails: [
        {
          help: {
            links: [
              {
                description: 'Troubleshooting documentation',
                url: 'https://cloud.google.com/compute/docs/resource-error',
              },
            ],
          },
        },
        {
          localizedMessage: {
            locale: 'en-US',
            message: `A ${vmType} VM instance is currently unavailable in the ${zone} zone.${advice} Alternatively, \
you can try your request again with a different VM hardware configuration or at a later time. For more information, \
see the troubleshooting documentation.`,
          },
        },
        {
          errorInfo: {
            domain: 'compute.googleapis.com',
            metadatas: { attachment: '', vmType, zone, zonesAvailable: available.join(',') },
            reason: 'resource_availability',
          },
        },
      ],
    },
  ])
}

/** The answer of a list that must not leave out a zone, when one cannot be asked. */
export function unavailable(zone: string): GoogleError {
  return new GoogleError(503, 'backendError', `The zone '${zone}' is currently unavailable.`)
}
