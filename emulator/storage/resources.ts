import type { Attributes, BucketRecord, StoredObject } from './bucket.ts'

// What a client may set; the rest of an object's resource is Cloud Storage's own.
const objectAttributes = [
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contentType',
  'customTime',
  'metadata',
  'storageClass',
] as const

const bucketReadOnly = new Set([
  'etag',
  'id',
  'kind',
  'metageneration',
  'name',
  'selfLink',
  'timeCreated',
  'updated',
])

/** The attributes that a client gives an object, out of the resource it sent; null stands for "none". */
export function readObjectAttributes(resource: Attributes, before: Attributes = {}): Attributes {
  const named = Object.entries(resource).filter(([name]) =>
    (objectAttributes as readonly string[]).includes(name),
  )
  return merge(before, Object.fromEntries(named))
}

/** The same for a bucket, which takes whatever else it is sent. */
export function readBucketAttributes(resource: Attributes, before: Attributes = {}): Attributes {
  return merge(
    before,
    Object.fromEntries(Object.entries(resource).filter(([name]) => !bucketReadOnly.has(name))),
  )
}

// JSON merge patch (RFC 7396), which is what Google's PATCH does.
function merge(before: Attributes, patch: Attributes): Attributes {
  const after: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete after[name]
    else after[name] = isObject(value) ? merge(isObject(after[name]) ? after[name] : {}, value) : value
  }
  return after
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object as the JSON API shows it; links lead to `origin`. */
export function showObject(origin: string, bucket: string, object: StoredObject): Record<string, unknown> {
  const { attributes, name, generation } = object
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation,
    metageneration: `${object.metageneration}`,
    storageClass: 'STANDARD',
    size: `${object.size}`,
    md5Hash: object.md5Hash,
    crc32c: object.crc32c,
    componentCount: object.componentCount,
    etag: etagOf(object),
    timeCreated: object.timeCreated,
    updated: object.updated,
    timeStorageClassUpdated: object.timeCreated,
    timeFinalized: object.timeCreated,
    ...attributes,
  }
}

/** Changes with every generation and metageneration, and says nothing else. */
export function etagOf({ generation, metageneration }: StoredObject): string {
  return Buffer.from(`${generation}/${metageneration}`).toString('base64')
}

/** Where every bucket is that was not given another place. */
export const place = { location: 'US', locationType: 'multi-region' } as const

/** A bucket as the JSON API shows it. */
export function showBucket(origin: string, record: BucketRecord): Record<string, unknown> {
  const { name, metageneration, timeCreated, updated, attributes } = record
  return {
    kind: 'storage#bucket',
    id: name,
    selfLink: `${origin}/storage/v1/b/${name}`,
    name,
    projectNumber: '123456789012',
    metageneration: `${metageneration}`,
    ...place,
    storageClass: 'STANDARD',
    etag: Buffer.from(`${metageneration}`).toString('base64'),
    timeCreated,
    updated,
    ...attributes,
  }
}
