import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { File, FileMetadata } from '@google-cloud/storage'
import { crc32cOf } from '../../core/crc32c.ts'
import type { Body, WriteOptions } from '../../core/world.ts'
import { readChecksum } from './file-checksum.ts'
import { uploadFile } from './file-upload.ts'
import { readJson, type Transport } from './transport.ts'

export interface Precondition {
  readonly ifGenerationMatch?: number
}

export interface Insert {
  readonly transport: Transport
  readonly file: File
  readonly body: Body
  readonly options: WriteOptions
  readonly precondition: Precondition
}

// Files up to here go in one request; for larger ones a request that opens a session saves starting again.
const wholeBytes = 1 << 20

/** Writes an object. Its crc32c goes ahead, so that Google refuses a flipped bit instead of keeping it. */
export async function insert({
  transport,
  file,
  body,
  options,
  precondition,
}: Insert): Promise<FileMetadata> {
  const { contentType = 'application/octet-stream', crc32c, signal } = options
  const metadata = { contentType, ...(options.metadata && { metadata: { ...options.metadata } }) }
  const content = await readContent(body)
  if ('bytes' in content) {
    const { bytes } = content
    const description = { ...metadata, crc32c: crc32c ?? crc32cOf(bytes) }
    return sendWhole(transport, file, { description, bytes, precondition, signal })
  }
  const { path, size } = content
  const [session] = await file.createResumableUpload({
    metadata: { ...metadata, crc32c: crc32c ?? (await readChecksum(path)).crc32c, contentLength: size },
    preconditionOpts: { ...precondition },
  })
  return uploadFile(transport, { session, path, size, ...(signal && { signal }) })
}

interface Whole {
  /** The object's metadata. */
  readonly description: object
  readonly bytes: Uint8Array
  readonly precondition: Precondition
  readonly signal: AbortSignal | undefined
}

/**
 * A small object in one request, metadata and bytes (RFC 2387). The client makes the same request with more of the
 * processor time, which counts for ten thousand files.
 */
async function sendWhole(
  transport: Transport,
  { bucket, name, storage }: File,
  { description, bytes, precondition, signal }: Whole,
): Promise<FileMetadata> {
  const boundary = randomUUID()
  const query = new URLSearchParams({ uploadType: 'multipart', name })
  for (const [key, value] of Object.entries(precondition)) query.set(key, String(value))
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(description)}\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--`),
  ])
  const answer = await transport.send({
    http: 'POST',
    url: `${storage.apiEndpoint}/upload/storage/v1/b/${bucket.name}/o?${query}`,
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body,
    // What is written whole is the same after the second time.
    repeatable: true,
    ...(signal && { signal }),
  })
  return readJson(answer)
}

type Content = { readonly bytes: Uint8Array } | { readonly path: string; readonly size: number }

async function readContent(body: Body): Promise<Content> {
  if (typeof body === 'string') return { bytes: new TextEncoder().encode(body) }
  if (body instanceof Uint8Array) return { bytes: body }
  const { size } = await stat(body.file)
  return size > wholeBytes ? { path: body.file, size } : { bytes: await readFile(body.file) }
}
