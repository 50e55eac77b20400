import type { IncomingHttpHeaders } from 'node:http'
import { GoogleError } from '../errors.ts'
import type { Backend } from './backend.ts'
import type { Attributes, StoredObject } from './bucket.ts'
import { type Conditions, checkWrite } from './conditions.ts'
import type { Content } from './draft.ts'

/** An object that a client means to create; kept as JSON while a resumable upload lasts. */
export interface Write {
  readonly bucket: string
  readonly name: string
  readonly attributes: Attributes
  readonly conditions: Conditions
  readonly declared: Declared
}

/** What the client says that the checksums of its bytes are, in base64. */
export interface Declared {
  readonly crc32c?: string
  readonly md5Hash?: string
}

/** Throws what would refuse a write whatever its bytes are. */
export function checkWritable({ store, permissions }: Backend, { bucket, name, conditions }: Write): void {
  const { live } = store.find(bucket)
  permissions.require(bucket, 'storage.objects.create')
  checkWrite(conditions, live(name))
  // Who replaces a version removes one.
  if (live(name)) permissions.require(bucket, 'storage.objects.delete')
}

/** Makes the bytes an object, if they are the declared ones and everything still allows it. */
export function commit(backend: Backend, write: Write, content: Content): StoredObject {
  checkDeclared(write.declared, content)
  checkWritable(backend, write)
  return backend.store.find(write.bucket).put(write.name, content, write.attributes)
}

/** Reads `X-Goog-Hash: crc32c=…,md5=…`. */
export function readHashHeader({ 'x-goog-hash': header }: IncomingHttpHeaders): Declared {
  const text = String(header ?? '')
  const crc32c = /\bcrc32c=([^,\s]+)/.exec(text)?.[1]
  const md5Hash = /\bmd5=([^,\s]+)/.exec(text)?.[1]
  return { ...(crc32c && { crc32c }), ...(md5Hash && { md5Hash }) }
}

function checkDeclared({ crc32c, md5Hash }: Declared, content: Content): void {
  const pairs = [
    ['CRC32C', crc32c, content.crc32c],
    ['MD5 hash', md5Hash, content.md5Hash],
  ] as const
  for (const [what, provided, calculated] of pairs) {
    if (provided === undefined || calculated === undefined || provided === calculated) continue
    const message = `Provided ${what} "${provided}" doesn't match calculated ${what} "${calculated}".`
    throw new GoogleError(400, 'invalid', message)
  }
}
