import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { GoogleError } from '../errors.ts'
import type { Call, Reply } from '../http.ts'
import type { Bucket, StoredObject } from './bucket.ts'
import { etagOf } from './resources.ts'

const readBytes = 1024 * 1024

/** The bytes of an object, or the range of them that is asked for. */
export function download(bucket: Bucket, object: StoredObject, call: Call): Reply {
  const headers = describe(object)
  if (isUnpacked(object, call)) {
    // https://cloud.google.com/storage/docs/transcoding: ranges of the stored bytes mean nothing here.
    const packed = createReadStream('', { fd: bucket.open(object), highWaterMark: readBytes })
    // Whatever goes wrong destroys both, and the server sees it in the second.
    const body = pipeline(packed, createGunzip(), () => {})
    return { headers: { ...headers, warning: '214 UploadServer gunzipped' }, body }
  }
  const encoding = object.attributes.contentEncoding
  if (encoding) headers['content-encoding'] = String(encoding)
  const range = readRange(call.headers.range, object.size)
  const { start, end } = range ?? { start: 0, end: object.size - 1 }
  if (range) headers['content-range'] = `bytes ${start}-${end}/${object.size}`
  headers['content-length'] = end - start + 1
  if (end < start) return { headers, body: '' }
  const body = createReadStream('', { fd: bucket.open(object), start, end, highWaterMark: readBytes })
  return { status: range ? 206 : 200, headers, body }
}

function isUnpacked({ attributes }: StoredObject, call: Call): boolean {
  if (attributes.contentEncoding !== 'gzip') return false
  if (/no-transform/.test(String(attributes.cacheControl ?? ''))) return false
  return !/\bgzip\b/.test(String(call.headers['accept-encoding'] ?? ''))
}

function describe(object: StoredObject): Record<string, string | number> {
  const { attributes, crc32c, md5Hash } = object
  const { contentType, cacheControl, contentDisposition, contentLanguage } = attributes
  const optional = {
    'cache-control': cacheControl,
    'content-disposition': contentDisposition,
    'content-language': contentLanguage,
  }
  const set = Object.entries(optional).filter(([, value]) => value !== undefined)
  return {
    ...Object.fromEntries(set.map(([name, value]) => [name, String(value)])),
    'content-type': String(contentType ?? 'application/octet-stream'),
    'last-modified': new Date(object.updated).toUTCString(),
    etag: etagOf(object),
    'x-goog-generation': object.generation,
    'x-goog-metageneration': object.metageneration,
    'x-goog-hash': [`crc32c=${crc32c}`, ...(md5Hash ? [`md5=${md5Hash}`] : [])].join(','),
    'x-goog-storage-class': String(attributes.storageClass ?? 'STANDARD'),
    // Clients check the hash only when they know that the bytes were not unpacked on the way.
    'x-goog-stored-content-encoding': String(attributes.contentEncoding ?? 'identity'),
    'x-goog-stored-content-length': object.size,
  }
}

/** Reads `bytes=0-9`, `bytes=10-`, `bytes=-10`; anything else is ignored, as RFC 9110 has it. `end` is the last byte. */
function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start < size && start <= end) return { start, end }
  throw new GoogleError(416, 'requestedRangeNotSatisfiable', 'The requested range cannot be satisfied.')
}
