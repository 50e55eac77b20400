import { fingerprint, makeId } from './ids.ts'
import { checkLabels, type Labels } from './labels.ts'
import type { Link } from './links.ts'
import { checkName } from './names.ts'
import { type State, timestamp } from './state.ts'

/** A machine image. */
export interface Image {
  readonly kind: 'compute#image'
  readonly id: string
  readonly creationTimestamp: string
  readonly name: string
  readonly description?: string
  readonly family?: string
  readonly sourceType: 'RAW'
  readonly sourceDisk?: Link
  readonly sourceDiskId?: string
  readonly sourceImage?: Link
  readonly sourceImageId?: string
  readonly status: 'PENDING' | 'READY' | 'DELETING'
  readonly diskSizeGb: string
  readonly archiveSizeBytes: string
  readonly architecture: 'X86_64'
  readonly guestOsFeatures: readonly { readonly type: string }[]
  readonly licenses: readonly Link[]
  readonly storageLocations: readonly string[]
  readonly labels?: Labels
  readonly labelFingerprint: string
  readonly deprecated?: Deprecation
  readonly selfLink: Link
}

export interface Deprecation {
  readonly state?: 'ACTIVE' | 'DEPRECATED' | 'OBSOLETE' | 'DELETED'
  readonly replacement?: string
  readonly deprecated?: string
  readonly obsolete?: string
  readonly deleted?: string
}

/** What images.insert and images.patch take. */
export interface ImageBody {
  readonly name?: string
  readonly description?: string
  readonly family?: string
  readonly labels?: Labels
  readonly sourceDisk?: string
  readonly sourceImage?: string
  readonly rawDisk?: object
  readonly licenses?: readonly string[]
  readonly guestOsFeatures?: readonly { readonly type: string }[]
  readonly deprecated?: Deprecation
}

/** What every project has from the beginning. */
export const localImages: readonly ImageBody[] = [
  { name: 'mayfly-local', family: 'mayfly-local', description: 'What the process driver boots.' },
]

export const debianImages: readonly ImageBody[] = [
  {
    name: 'debian-12-bookworm-v20260113',
    family: 'debian-12',
    description: 'Debian, Debian GNU/Linux, 12 (bookworm), amd64',
    licenses: ['projects/debian-cloud/global/licenses/debian-12-bookworm'],
  },
]

/** The image that holds the base image, when there is one. */
export const baseImageLink: Link = `projects/debian-cloud/global/images/${debianImages[0]?.name}`

/** Where an image comes from: a disk, another image or (the local images) nothing that matters. */
export type ImageSource = Partial<
  Pick<Image, 'sourceDisk' | 'sourceDiskId' | 'sourceImage' | 'sourceImageId'>
> & {
  readonly diskSizeGb: string
}

/** Throws 400 for labels and families that Google refuses. */
export function makeImage(state: State, project: string, body: ImageBody, source: ImageSource): Image {
  const labels = checkLabels(body.labels, 'resource.labels')
  return {
    kind: 'compute#image',
    id: makeId(),
    creationTimestamp: timestamp(state.clock),
    name: body.name ?? '',
    ...(body.description !== undefined && { description: body.description }),
    ...(body.family !== undefined && { family: checkName(body.family, 'resource.family') }),
    sourceType: 'RAW',
    ...source,
    status: 'READY',
    archiveSizeBytes: '0',
    architecture: 'X86_64',
    guestOsFeatures: body.guestOsFeatures ?? [
      { type: 'VIRTIO_SCSI_MULTIQUEUE' },
      { type: 'UEFI_COMPATIBLE' },
    ],
    licenses: body.licenses ?? [],
    storageLocations: ['us'],
    ...(Object.keys(labels).length > 0 && { labels }),
    labelFingerprint: fingerprint(labels),
    ...(body.deprecated && { deprecated: body.deprecated }),
    selfLink: `projects/${project}/global/images/${body.name}`,
  }
}
