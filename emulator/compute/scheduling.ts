import { invalid } from './errors.ts'

/** How an instance ends and begins again by itself. */
export interface Scheduling {
  readonly onHostMaintenance: 'MIGRATE' | 'TERMINATE'
  readonly automaticRestart: boolean
  readonly preemptible: boolean
  readonly provisioningModel: 'STANDARD' | 'SPOT'
  readonly instanceTerminationAction?: 'STOP' | 'DELETE'
  readonly maxRunDuration?: { readonly seconds: string }
  /** RFC 3339. */
  readonly terminationTime?: string
}

/** Scheduling as a client gives it; gcloud and the libraries write int64 as text, others as numbers. */
export type SchedulingBody = Partial<
  Omit<Scheduling, 'maxRunDuration'> & { readonly maxRunDuration: { readonly seconds?: string | number } }
>

const field = 'resource.scheduling'
const day = 24 * 60 * 60

/** https://cloud.google.com/compute/docs/instances/limit-vm-runtime: 30 seconds to 120 days. Throws 400. */
export function readScheduling(body: SchedulingBody = {}): Scheduling {
  const spot = body.provisioningModel === 'SPOT' || body.preemptible === true
  if (spot && body.onHostMaintenance === 'MIGRATE')
    throw invalid(
      `${field}.onHostMaintenance`,
      'MIGRATE',
      'Preemptible instances must have onHostMaintenance TERMINATE.',
    )
  if (spot && body.automaticRestart)
    throw invalid(
      `${field}.automaticRestart`,
      'true',
      'Preemptible instances cannot be automatically restarted.',
    )
  if (body.maxRunDuration && body.terminationTime)
    throw invalid(field, body, 'Only one of maxRunDuration and terminationTime can be specified.')

  const limited = body.maxRunDuration ?? body.terminationTime
  if (limited && body.preemptible && body.provisioningModel !== 'SPOT')
    throw invalid(field, body, 'Preemptible instances of the old kind take no time limit; Spot instances do.')
  const action = body.instanceTerminationAction
  if (action !== undefined && action !== 'STOP' && action !== 'DELETE')
    throw invalid(`${field}.instanceTerminationAction`, action, 'Must be STOP or DELETE.')
  if (action && !limited && body.provisioningModel !== 'SPOT')
    throw invalid(
      `${field}.instanceTerminationAction`,
      action,
      'It needs a time limit or the provisioning model SPOT.',
    )
  return {
    onHostMaintenance: body.onHostMaintenance ?? (spot ? 'TERMINATE' : 'MIGRATE'),
    automaticRestart: body.automaticRestart ?? !spot,
    preemptible: spot,
    provisioningModel: body.provisioningModel ?? 'STANDARD',
    ...((limited || body.provisioningModel === 'SPOT') && { instanceTerminationAction: action ?? 'STOP' }),
    ...(body.maxRunDuration && { maxRunDuration: readDuration(body.maxRunDuration) }),
    ...(body.terminationTime && { terminationTime: readTime(body.terminationTime) }),
  }
}

function readDuration({ seconds }: { readonly seconds?: string | number }): { readonly seconds: string } {
  const value = Number(seconds)
  if (Number.isInteger(value) && value >= 30 && value <= 120 * day) return { seconds: String(value) }
  throw invalid(`${field}.maxRunDuration`, seconds, 'The limit must be between 30 seconds and 120 days.')
}

function readTime(time: string): string {
  if (Number.isNaN(Date.parse(time)))
    throw invalid(`${field}.terminationTime`, time, 'Must be an RFC 3339 time.')
  return time
}

/** When an instance that begins to run now has to end, in milliseconds since 1970; undefined without a limit. */
export function findDeadline(
  { maxRunDuration, terminationTime }: Scheduling,
  now: number,
): number | undefined {
  if (terminationTime) return Date.parse(terminationTime)
  return maxRunDuration && now + Number(maxRunDuration.seconds) * 1000
}
