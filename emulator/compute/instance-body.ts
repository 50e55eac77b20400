import { type AttachedDiskBody, readDisk, type Site } from './attached-disk.ts'
import type { Disk } from './disks.ts'
import { alreadyExists, invalid } from './errors.ts'
import { fingerprint, makeId, numberProject } from './ids.ts'
import type { Instance, NetworkInterface, ServiceAccount } from './instance.ts'
import { checkLabels, type Labels } from './labels.ts'
import { nameOf, readLink, regionOf, zoneLink } from './links.ts'
import { findMachineType } from './machine-types.ts'
import { type MetadataBody, readMetadata } from './metadata-items.ts'
import { checkName } from './names.ts'
import { readScheduling, type SchedulingBody } from './scheduling.ts'
import { timestamp } from './state.ts'

/** What instances.insert takes. */
export interface InstanceBody {
  readonly name?: string
  readonly description?: string
  readonly machineType?: string
  readonly canIpForward?: boolean
  readonly disks?: readonly AttachedDiskBody[]
  readonly networkInterfaces?: readonly NetworkInterfaceBody[]
  readonly metadata?: MetadataBody
  readonly labels?: Labels
  readonly tags?: { readonly items?: readonly string[] }
  readonly serviceAccounts?: readonly Partial<ServiceAccount>[]
  readonly guestAccelerators?: readonly object[]
  readonly scheduling?: SchedulingBody
}

interface NetworkInterfaceBody {
  readonly network?: string
  readonly subnetwork?: string
  readonly accessConfigs?: readonly { readonly name?: string }[]
}

/** A checked body: the instance, and the disks that are to be attached to it. Nothing is kept yet. */
export interface NewInstance {
  readonly instance: Instance
  readonly disks: readonly Disk[]
}

/** Checks the body of an insert as Google does. Throws 400, 404, 409 and 413. */
export function readInstance(site: Site, body: InstanceBody): NewInstance {
  const { project, zone, state } = site
  const name = checkName(body.name, 'resource.name')
  const selfLink = `${zoneLink(project, zone)}/instances/${name}`
  // Before the disks, which would be there too: who asks twice is told of the instance.
  if (state.records.read(selfLink)) throw alreadyExists(selfLink)
  const machineType = readMachineType(site, body.machineType)
  const metadata = readMetadata(body.metadata, 'resource.metadata')
  const labels = checkLabels(body.labels, 'resource.labels')
  const scheduling = readScheduling(body.scheduling)
  const id = makeId()
  if (!body.disks?.length) throw invalid('resource.disks', '', 'No disks are specified.')
  const disks = body.disks.map((disk, index) => readDisk(site, name, disk, index))
  if (!disks[0]?.attached.boot)
    throw invalid('resource.disks[0].boot', 'false', 'The first disk must be a boot disk.')
  const serviceAccounts = readServiceAccounts(project, body.serviceAccounts)
  const image = disks[0].disk.sourceImage
  const instance: Instance = {
    kind: 'compute#instance',
    id,
    creationTimestamp: timestamp(state.clock),
    name,
    ...(body.description !== undefined && { description: body.description }),
    tags: { fingerprint: fingerprint(body.tags ?? {}), ...(body.tags?.items && { items: body.tags.items }) },
    machineType,
    status: 'PROVISIONING',
    zone: zoneLink(project, zone),
    canIpForward: body.canIpForward ?? false,
    networkInterfaces: readNetworkInterfaces(site, body.networkInterfaces, id),
    disks: disks.map(({ attached }) => attached),
    metadata,
    ...(serviceAccounts.length > 0 && { serviceAccounts }),
    ...(body.guestAccelerators && { guestAccelerators: body.guestAccelerators }),
    scheduling,
    cpuPlatform: 'Unknown CPU Platform',
    ...(Object.keys(labels).length > 0 && { labels }),
    labelFingerprint: fingerprint(labels),
    startRestricted: false,
    deletionProtection: false,
    fingerprint: fingerprint(id),
    resourceStatus: { scheduling: {} },
    selfLink,
    local: { project, zone, ...(image && { image }) },
  }
  return { instance, disks: disks.map(({ disk }) => disk) }
}

function readMachineType({ project, zone }: Site, given: string | undefined): string {
  const name = nameOf(given ?? '')
  const found = findMachineType(project, zone, name)
  if (found) return found.selfLink
  const why = `Machine type with name '${name}' does not exist in zone '${zone}'.`
  throw invalid('resource.machineType', given, why)
}

function readNetworkInterfaces(
  { project, zone }: Site,
  bodies: readonly NetworkInterfaceBody[] | undefined,
  id: string,
): readonly NetworkInterface[] {
  if (!bodies?.length)
    throw invalid('resource.networkInterfaces', '', 'At least one network interface is required.')
  const host = (Number(id) % 253) + 2
  return bodies.map((body, index) => ({
    kind: 'compute#networkInterface',
    name: `nic${index}`,
    network: readLink(
      body.network ?? 'global/networks/default',
      'resource.networkInterfaces.network',
      project,
    ),
    subnetwork: readLink(
      body.subnetwork ?? `regions/${regionOf(zone)}/subnetworks/default`,
      'resource.networkInterfaces.subnetwork',
      project,
    ),
    networkIP: `10.128.${index}.${host}`,
    stackType: 'IPV4_ONLY',
    // An address for documentation (RFC 5737): nothing answers there.
    ...(body.accessConfigs?.length && {
      accessConfigs: body.accessConfigs.map((config) => ({
        kind: 'compute#accessConfig' as const,
        type: 'ONE_TO_ONE_NAT' as const,
        name: config.name ?? 'External NAT',
        natIP: `203.0.113.${host}`,
        networkTier: 'PREMIUM' as const,
      })),
    }),
  }))
}

function readServiceAccounts(
  project: string,
  bodies: readonly Partial<ServiceAccount>[] = [],
): readonly ServiceAccount[] {
  const standard = `${numberProject(project)}-compute@developer.gserviceaccount.com`
  return bodies.map(({ email = 'default', scopes = [] }) => ({
    email: email === 'default' ? standard : email,
    scopes,
  }))
}
