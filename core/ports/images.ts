import type { Disk, Image } from './compute.ts'

/** An image with all that decides about its fate. */
export interface ImageRecord extends Image {
  readonly labels: Readonly<Record<string, string>>
  /** Changes with the labels; Google wants it back with new ones. */
  readonly labelFingerprint: string
  /** Milliseconds since the epoch, on Google's clock. */
  readonly created: number
  /** `PENDING`, `READY`, `FAILED` or `DELETING`. */
  readonly status: string
  readonly deprecation?: Deprecation
}

/** https://cloud.google.com/compute/docs/images/image-management-best-practices#deprecate_or_delete */
export interface Deprecation {
  /** A family leads to no image that is not ACTIVE. */
  readonly state: 'ACTIVE' | 'DEPRECATED' | 'OBSOLETE' | 'DELETED'
  /** selfLink of the image to use in its place. */
  readonly replacement?: string
  /** When it may be deleted, ISO 8601. Google only remembers it. */
  readonly deleted?: string
}

/** The images of one project. Every failure is a CloudError; operations are awaited and their errors thrown. */
export interface Images {
  find(name: string): Promise<ImageRecord | undefined>
  /** Those that bear a label with this value, newest first. */
  list(label: string, value: string): Promise<readonly ImageRecord[]>
  setFamily(name: string, family: string): Promise<void>
  /** Adds labels to those that it has. Throws `exists` when they have been changed meanwhile. */
  label(image: ImageRecord, labels: Readonly<Record<string, string>>): Promise<void>
  deprecate(name: string, deprecation: Deprecation): Promise<void>
  remove(name: string): Promise<void>
  /** The disks of the project that were made from it. */
  disksOf(image: ImageRecord): Promise<readonly Pick<Disk, 'zone' | 'name'>[]>
}
