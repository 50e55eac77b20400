import { CloudError } from '../core/errors.ts'
import type { Deprecation, Image, ImageRecord } from '../core/world.ts'
import type { Disks } from './disks.ts'
import type { History, ImageLife } from './history.ts'
import { between, type Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** What an image is made of. */
export interface ImageSource {
  readonly name: string
  readonly zone: string
  /** The name of the disk. */
  readonly disk: string
  readonly labels: Readonly<Record<string, string>>
}

/** The image that all others begin with. */
export const sourceImage: Image = {
  name: 'debian-12',
  id: '1',
  selfLink: 'https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12',
}

/** The images of the project. */
export class Gallery {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #history: History
  readonly #disks: Disks
  readonly #images = new Map<string, ImageRecord>()
  readonly #isBroken: () => boolean
  #ids = 700_000

  constructor(
    timeline: Timeline,
    random: Random,
    history: History,
    options: { readonly disks: Disks; readonly isBroken: () => boolean },
  ) {
    this.#timeline = timeline
    this.#random = random
    this.#history = history
    this.#disks = options.disks
    this.#isBroken = options.isBroken
  }

  get all(): readonly ImageRecord[] {
    return [...this.#images.values()].sort((one, other) => other.created - one.created)
  }

  find(name: string): ImageRecord | undefined {
    return this.#images.get(name)
  }

  /** By name or family, as an instance is made from it. */
  resolve(reference: string): Image {
    const name = reference.split('/').at(-1) as string
    if (name === sourceImage.name) return sourceImage
    const family = this.all.find(
      (image) => image.family === name && image.status === 'READY' && isCurrent(image),
    )
    const image = this.#images.get(name) ?? family
    if (image === undefined) throw new CloudError('not-found', 'compute.images.get', reference)
    return image
  }

  /** Whether a machine of the image can do its work. */
  isSound(selfLink: string): boolean {
    return !this.#history.images.some((life) => selfLink.endsWith(`/${life.name}`) && life.broken)
  }

  /** Gives the milliseconds until it is ready. */
  insert({ name, zone, disk: source, labels }: ImageSource): number {
    if (this.#images.has(name)) throw new CloudError('exists', 'compute.images.insert', name)
    const disk = this.#disks.find(zone, source)
    if (disk === undefined) throw new CloudError('not-found', 'compute.images.insert', source)
    if (disk.user !== undefined || disk.busy) throw new CloudError('busy', 'compute.images.insert', source)
    const { now } = this.#timeline
    const life: ImageLife = {
      id: String(this.#ids++),
      name,
      labels,
      created: now,
      broken: this.#isBroken(),
      families: [],
    }
    this.#history.images.push(life)
    disk.busy = true
    const ms = between(this.#random, 5000, 60_000)
    this.#set({ ...life, selfLink: `global/images/${name}`, labelFingerprint: '0', status: 'PENDING' })
    this.#timeline.after(ms, () => {
      disk.busy = false
      this.#change(name, { status: 'READY' })
    })
    return ms
  }

  setFamily(by: string, name: string, family: string): void {
    this.#change(name, { family })
    this.#life(name)?.families.push({ at: this.#timeline.now, by, family })
  }

  label(name: string, labels: Readonly<Record<string, string>>, fingerprint: string): void {
    const { labelFingerprint } = this.#expect(name)
    if (labelFingerprint !== fingerprint) throw new CloudError('exists', 'compute.images.setLabels', name)
    this.#change(name, { labels, labelFingerprint: String(Number(fingerprint) + 1) })
  }

  deprecate(name: string, deprecation: Deprecation): void {
    this.#change(name, { deprecation })
  }

  remove(by: string, name: string): void {
    const image = this.#expect(name)
    const life = this.#life(name)
    if (life) life.removed = { at: this.#timeline.now, by, image }
    this.#images.delete(name)
  }

  #life(name: string): ImageLife | undefined {
    return this.#history.images.findLast((life) => life.name === name)
  }

  #expect(name: string): ImageRecord {
    const image = this.#images.get(name)
    if (image === undefined) throw new CloudError('not-found', 'compute.images', name)
    return image
  }

  #change(name: string, change: Partial<ImageRecord>): void {
    this.#set({ ...this.#expect(name), ...change })
  }

  #set(image: ImageRecord): void {
    this.#images.set(image.name, image)
  }
}

function isCurrent({ deprecation }: ImageRecord): boolean {
  return (deprecation?.state ?? 'ACTIVE') === 'ACTIVE'
}
