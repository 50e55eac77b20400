import { CloudError } from '../core/errors.ts'
import type { StoredObject, WriteOptions } from '../core/world.ts'
import type { History } from './history.ts'
import type { Timeline } from './timeline.ts'

interface Kept {
  readonly object: StoredObject
  readonly text: string
}

/** Cloud Storage, strongly consistent: one bucket, whose objects appear and are replaced at once. */
export class Storage {
  readonly #timeline: Timeline
  readonly #history: History
  readonly #kept = new Map<string, Kept>()
  #names: string[] = []
  #generation = 0

  constructor(timeline: Timeline, history: History) {
    this.#timeline = timeline
    this.#history = history
  }

  insert(
    by: string,
    name: string,
    text: string,
    { crc32c = '', metadata = {} }: Pick<WriteOptions, 'crc32c' | 'metadata'>,
    mustBeNew: boolean,
  ): StoredObject {
    const replaced = this.#kept.has(name)
    if (replaced && mustBeNew) throw new CloudError('exists', 'storage.objects.insert', name)
    const { now } = this.#timeline
    const generation = String(++this.#generation)
    const object = { name, size: text.length, generation, crc32c, created: now, metadata }
    this.#kept.set(name, { object, text })
    if (!replaced) this.#names = [...this.#names, name].sort()
    this.#history.writes.push({ at: now, by, name, text, replaced })
    return object
  }

  find(name: string): Kept | undefined {
    return this.#kept.get(name)
  }

  /** One page of a list, and where the next one begins. */
  list(prefix: string, from: string, glob: RegExp, most: number) {
    const page: StoredObject[] = []
    for (const name of this.#names) {
      if (name < from || !name.startsWith(prefix) || !glob.test(name)) continue
      if (page.length === most) return { page, next: name }
      page.push((this.#kept.get(name) as Kept).object)
    }
    return { page }
  }
}
