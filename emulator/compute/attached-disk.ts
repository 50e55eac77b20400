import type { Disk, DiskBody, Disks } from './disks.ts'
import { alreadyExists, inUse, invalid } from './errors.ts'
import type { AttachedDisk } from './instance.ts'
import type { Labels } from './labels.ts'
import { readLink } from './links.ts'
import type { State } from './state.ts'

/** A disk as an insert asks for it: one that is there, or one to be made. */
export interface AttachedDiskBody {
  readonly boot?: boolean
  readonly autoDelete?: boolean
  readonly deviceName?: string
  readonly mode?: AttachedDisk['mode']
  readonly source?: string
  readonly initializeParams?: {
    readonly diskName?: string
    readonly diskSizeGb?: string | number
    readonly diskType?: string
    readonly sourceImage?: string
    readonly description?: string
    readonly labels?: Labels
  }
}

/** Where an instance is to be made, and with what. */
export interface Site {
  readonly state: State
  readonly disks: Disks
  readonly project: string
  readonly zone: string
  /** Attach a free disk that has the name of a new one, as the reference says, instead of the 409 that people report. */
  readonly adoptDisks: boolean
}

/** The disk of an insert, there already or made of its parameters, and how the instance has it. Throws 400, 404 and 409. */
export function readDisk(site: Site, instance: string, body: AttachedDiskBody, index: number) {
  const field = `resource.disks[${index}]`
  const disk =
    body.source === undefined ? makeDisk(site, instance, body, index) : findDisk(site, body.source, field)
  const user = disk.users?.[0]
  if (user) throw inUse('disk', disk.selfLink, user)
  const attached: AttachedDisk = {
    kind: 'compute#attachedDisk',
    type: 'PERSISTENT',
    mode: body.mode ?? 'READ_WRITE',
    source: disk.selfLink,
    deviceName: body.deviceName ?? `persistent-disk-${index}`,
    index,
    boot: body.boot ?? false,
    autoDelete: body.autoDelete ?? false,
    interface: 'SCSI',
    diskSizeGb: disk.sizeGb,
    licenses: disk.licenses,
    guestOsFeatures: disk.guestOsFeatures,
  }
  return { attached, disk }
}

function makeDisk(
  site: Site,
  instance: string,
  { initializeParams = {} }: AttachedDiskBody,
  index: number,
): Disk {
  const { project, zone, disks, adoptDisks } = site
  const { diskName, diskSizeGb, diskType, ...rest } = initializeParams
  const body: DiskBody = {
    ...rest,
    name: diskName ?? (index === 0 ? instance : `${instance}-${index}`),
    ...(diskSizeGb !== undefined && { sizeGb: diskSizeGb }),
    ...(diskType !== undefined && { type: diskType }),
  }
  const disk = disks.make(project, zone, body, `resource.disks[${index}].initializeParams`)
  const existing = disks.find(project, zone, disk.name)
  if (existing && !adoptDisks) throw alreadyExists(existing.selfLink)
  return existing ?? disk
}

function findDisk({ state, project }: Site, source: string, field: string): Disk {
  const disk = state.records.read<Disk>(readLink(source, `${field}.source`, project))
  if (!disk) throw invalid(`${field}.source`, source, 'The referenced disk resource cannot be found.')
  return disk
}
