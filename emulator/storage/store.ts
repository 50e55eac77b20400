import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GoogleError } from '../errors.ts'
import { type Attributes, type Bucket, createBucket, openBucket, removeBucket } from './bucket.ts'
import { compareNames } from './names.ts'

/** All buckets. */
export interface Store {
  /** In the order of their names. */
  list(): readonly Bucket[]
  /** Throws Google's 404. */
  find(name: string): Bucket
  /** Throws Google's 409 when there is one. */
  create(name: string, attributes: Attributes): Bucket
  /** Throws Google's 409 when it is not empty. */
  remove(bucket: Bucket): void
}

/** Opens the buckets kept in `folder`. `now` gives milliseconds since 1970. */
export function openStore(folder: string, now: () => number): Store {
  mkdirSync(folder, { recursive: true })
  let last = 0
  const nextGeneration = () => {
    last = Math.max(last + 1, Math.floor(now() * 1000))
    return last
  }

  const buckets = new Map<string, Bucket>()
  for (const name of readdirSync(folder)) {
    const bucket = openBucket(join(folder, name), nextGeneration)
    if (bucket) buckets.set(name, bucket)
    else rmSync(join(folder, name), { recursive: true })
  }
  // A clock that was set back must not give an old generation again.
  for (const { names, find } of buckets.values()) {
    for (const name of names) last = Math.max(last, Number(find(name).generation))
  }

  return {
    list: () => [...buckets.values()].sort((a, b) => compareNames(a.record.name, b.record.name)),
    find(name) {
      const bucket = buckets.get(name)
      if (bucket) return bucket
      throw new GoogleError(404, 'notFound', 'The specified bucket does not exist.')
    },
    create(name, attributes) {
      if (buckets.has(name)) {
        const message = 'Your previous request to create the named bucket succeeded and you already own it.'
        throw new GoogleError(409, 'conflict', message)
      }
      const bucket = createBucket(join(folder, name), name, attributes, nextGeneration)
      buckets.set(name, bucket)
      return bucket
    },
    remove({ record: { name }, names }) {
      if (names.length > 0) {
        throw new GoogleError(409, 'conflict', 'The bucket you tried to delete is not empty.')
      }
      buckets.delete(name)
      removeBucket(join(folder, name))
    },
  }
}
