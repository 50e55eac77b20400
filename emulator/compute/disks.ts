import { alreadyExists, inUse, invalid, notFound } from './errors.ts'
import { fingerprint, makeId } from './ids.ts'
import type { Image } from './image.ts'
import type { Images } from './images.ts'
import { checkLabels, type Labels } from './labels.ts'
import { type Link, readLink, zoneLink } from './links.ts'
import { checkName } from './names.ts'
import type { BeginOptions, Operation } from './operations.ts'
import { type State, timestamp } from './state.ts'

/** A persistent disk. */
export interface Disk {
  readonly kind: 'compute#disk'
  readonly id: string
  readonly creationTimestamp: string
  readonly name: string
  readonly description?: string
  readonly sizeGb: string
  readonly zone: Link
  readonly status: 'CREATING' | 'READY' | 'DELETING'
  readonly sourceImage?: Link
  readonly sourceImageId?: string
  readonly type: Link
  readonly licenses: readonly Link[]
  readonly guestOsFeatures: readonly { readonly type: string }[]
  readonly labels?: Labels
  readonly labelFingerprint: string
  readonly physicalBlockSizeBytes: '4096'
  /** Links of the instances that it is attached to. */
  readonly users?: readonly Link[]
  readonly lastAttachTimestamp?: string
  readonly lastDetachTimestamp?: string
  readonly selfLink: Link
}

/** What disks.insert takes; an attached disk's `initializeParams` become one. */
export interface DiskBody {
  readonly name?: string
  readonly description?: string
  readonly sizeGb?: string | number
  readonly sourceImage?: string
  readonly type?: string
  readonly labels?: Labels
}

export interface Disks {
  find(project: string, zone: string, name: string): Disk | undefined
  /** Throws 404. */
  get(project: string, zone: string, name: string): Disk
  list(project: string, zone: string): readonly Disk[]
  /** Checks a body and makes a disk of it, which is not kept yet. `field` is where the body stands, for messages. */
  make(project: string, zone: string, body: DiskBody, field: string): Disk
  insert(project: string, zone: string, body: DiskBody, options: BeginOptions): Operation
  delete(project: string, zone: string, name: string, options: BeginOptions): Operation
}

export function openDisks(state: State, images: Images): Disks {
  const { records, operations } = state
  const collection = (project: string, zone: string) => `${zoneLink(project, zone)}/disks`

  function get(project: string, zone: string, name: string): Disk {
    const disk = find(project, zone, name)
    if (!disk) throw notFound(`${collection(project, zone)}/${name}`)
    return disk
  }

  function find(project: string, zone: string, name: string): Disk | undefined {
    return records.find<Disk>(collection(project, zone), name)
  }

  function make(project: string, zone: string, body: DiskBody, field: string): Disk {
    const name = checkName(body.name, `${field}.name`)
    const imageField = `${field}.sourceImage`
    const image =
      body.sourceImage === undefined
        ? undefined
        : images.resolve(readLink(body.sourceImage, imageField, project), imageField)
    const labels = checkLabels(body.labels, `${field}.labels`)
    const type = String(body.type ?? 'pd-standard')
    return {
      kind: 'compute#disk',
      id: makeId(),
      creationTimestamp: timestamp(state.clock),
      name,
      ...(body.description !== undefined && { description: body.description }),
      sizeGb: readSize(body.sizeGb, image, `${field}.sizeGb`),
      zone: zoneLink(project, zone),
      status: 'READY',
      ...(image && { sourceImage: image.selfLink, sourceImageId: image.id }),
      type: `${zoneLink(project, zone)}/diskTypes/${type.slice(type.lastIndexOf('/') + 1)}`,
      licenses: image?.licenses ?? [],
      guestOsFeatures: image?.guestOsFeatures ?? [],
      ...(Object.keys(labels).length > 0 && { labels }),
      labelFingerprint: fingerprint(labels),
      physicalBlockSizeBytes: '4096',
      selfLink: `${collection(project, zone)}/${name}`,
    }
  }

  return {
    find,
    get,
    list: (project, zone) => records.list<Disk>(collection(project, zone)),
    make,
    insert(project, zone, body, options) {
      const disk: Disk = { ...make(project, zone, body, 'resource'), status: 'CREATING' }
      if (!records.create(disk.selfLink, disk)) throw alreadyExists(disk.selfLink)
      return operations.begin('insert', disk, options)
    },
    delete(project, zone, name, options) {
      const disk = get(project, zone, name)
      const user = disk.users?.[0]
      if (user) throw inUse('disk', disk.selfLink, user)
      records.write(disk.selfLink, { ...disk, status: 'DELETING' })
      return operations.begin('delete', disk, options)
    },
  }
}

function readSize(given: string | number | undefined, image: Image | undefined, field: string): string {
  const least = Number(image?.diskSizeGb ?? 1)
  const size = Number(given ?? image?.diskSizeGb ?? 500)
  if (!Number.isInteger(size) || size < 1) throw invalid(field, given, 'Disk size must be a number of GB.')
  if (size < least)
    throw invalid(field, given, `Requested disk size cannot be smaller than the image size (${least} GB)`)
  return String(size)
}
