import { createHash } from 'node:crypto'
import { mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GoogleError } from '../errors.ts'
import { readRecord, readRecords, sweepFolder, writeRecord } from './disk.ts'
import type { Content } from './draft.ts'
import { compareNames, findPlace } from './names.ts'

/** What a client sets and Cloud Storage only keeps: `contentType`, `metadata`, `customTime`. */
export type Attributes = Readonly<Record<string, unknown>>

/** What is known of a bucket itself. Times are RFC 3339. */
export interface BucketRecord {
  readonly name: string
  readonly metageneration: number
  readonly timeCreated: string
  readonly updated: string
  readonly attributes: Attributes
}

/** The live version of one name. */
export interface StoredObject extends BucketRecord, Omit<Content, 'path'> {
  /** Microseconds since 1970 in decimal; unique, and larger for later versions. */
  readonly generation: string
}

/**
 * One bucket. All that changes it is synchronous: between a check and the change that rests on it nothing else runs,
 * so of two creators of one name exactly one wins. One rename or removal makes it true, so a kill leaves all or nothing.
 */
export interface Bucket {
  readonly record: BucketRecord
  /** All names, in Cloud Storage's order. */
  readonly names: readonly string[]
  live(name: string): StoredObject | undefined
  /** The live version; throws Google's 404 when there is none, or it is not the generation asked for. */
  find(name: string, generation?: string | null): StoredObject
  /** Makes the content the live version of a name; its file is taken away from where it is. */
  put(name: string, content: Content, attributes: Attributes): StoredObject
  /** Gives a live version other attributes. */
  patch(object: StoredObject, attributes: Attributes): StoredObject
  remove(object: StoredObject): void
  /** Where an object's bytes are, until it is replaced or removed; an open file outlives that. */
  pathOf(object: StoredObject): string
  open(object: StoredObject): number
  patchBucket(attributes: Attributes): BucketRecord
}

/** Microseconds since 1970, never the same twice. */
export type NextGeneration = () => number

// Written last when a bucket is created and removed first when it goes: without it there is no bucket.
const recordFile = 'bucket.json'

/** Creates an empty bucket in a new folder. */
export function createBucket(
  folder: string,
  name: string,
  attributes: Attributes,
  nextGeneration: NextGeneration,
): Bucket {
  for (const each of ['objects', 'bytes']) mkdirSync(join(folder, each), { recursive: true })
  const time = timeOf(nextGeneration())
  const record: BucketRecord = { name, metageneration: 1, timeCreated: time, updated: time, attributes }
  writeRecord(join(folder, recordFile), record)
  return makeBucket(folder, record, nextGeneration)
}

/** Opens the bucket in a folder; undefined when a kill came before all of it was there. */
export function openBucket(folder: string, nextGeneration: NextGeneration): Bucket | undefined {
  const record = readRecord<BucketRecord>(join(folder, recordFile))
  return record && makeBucket(folder, record, nextGeneration)
}

/** Removes a bucket's folder. */
export function removeBucket(folder: string): void {
  rmSync(join(folder, recordFile))
  rmSync(folder, { recursive: true })
}

function timeOf(generation: number): string {
  return new Date(generation / 1000).toISOString()
}

function makeBucket(folder: string, created: BucketRecord, nextGeneration: NextGeneration): Bucket {
  let record = created
  const objects = new Map(readRecords<StoredObject>(join(folder, 'objects')).map((each) => [each.name, each]))
  const names = [...objects.keys()].sort(compareNames)
  sweepFolder(join(folder, 'bytes'), new Set([...objects.values()].map(({ generation }) => generation)))

  const pathOf = ({ generation }: StoredObject) => join(folder, 'bytes', generation)
  // Object names may be longer than file names, and differ by case alone.
  const recordOf = (name: string) =>
    join(folder, 'objects', `${createHash('sha256').update(name).digest('hex')}.json`)

  function keep(object: StoredObject): StoredObject {
    writeRecord(recordOf(object.name), object)
    if (!objects.has(object.name)) names.splice(findPlace(names, object.name), 0, object.name)
    objects.set(object.name, object)
    return object
  }

  return {
    get record() {
      return record
    },
    names,
    live: (name) => objects.get(name),
    find(name, generation) {
      const object = objects.get(name)
      if (object && (generation ?? object.generation) === object.generation) return object
      throw new GoogleError(404, 'notFound', `No such object: ${record.name}/${name}`)
    },
    put(name, { path, ...content }, attributes) {
      const replaced = objects.get(name)
      const generation = nextGeneration()
      const time = timeOf(generation)
      const object: StoredObject = {
        name,
        generation: `${generation}`,
        metageneration: 1,
        ...content,
        timeCreated: time,
        updated: time,
        attributes,
      }
      renameSync(path, pathOf(object))
      keep(object)
      if (replaced) rmSync(pathOf(replaced))
      return object
    },
    patch(object, attributes) {
      const updated = timeOf(nextGeneration())
      return keep({ ...object, metageneration: object.metageneration + 1, updated, attributes })
    },
    remove(object) {
      rmSync(recordOf(object.name))
      rmSync(pathOf(object))
      objects.delete(object.name)
      names.splice(findPlace(names, object.name), 1)
    },
    pathOf,
    open: (object) => openSync(pathOf(object), 'r'),
    patchBucket(attributes) {
      const updated = timeOf(nextGeneration())
      record = { ...record, metageneration: record.metageneration + 1, updated, attributes }
      writeRecord(join(folder, recordFile), record)
      return record
    },
  }
}
