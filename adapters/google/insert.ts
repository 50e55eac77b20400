import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { File, FileMetadata } from '@google-cloud/storage'
import { crc32cOf, openCrc32c } from '../../core/crc32c.ts'
import type { Body, WriteOptions } from '../../core/world.ts'
import { uploadFile } from './file-upload.ts'
import type { Transport } from './transport.ts'

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
    await file.save(bytes, {
      resumable: false,
      // The client would check after the fact, and leave bad bytes live when it may not delete.
      validation: false,
      metadata: { ...metadata, crc32c: crc32c ?? crc32cOf(bytes) },
      preconditionOpts: { ...precondition },
    })
    return file.metadata
  }
  const { path, size } = content
  const [session] = await file.createResumableUpload({
    metadata: { ...metadata, crc32c: crc32c ?? (await crc32cOfFile(path)), contentLength: size },
    preconditionOpts: { ...precondition },
  })
  return uploadFile(transport, { session, path, size, ...(signal && { signal }) })
}

type Content = { readonly bytes: Uint8Array } | { readonly path: string; readonly size: number }

async function readContent(body: Body): Promise<Content> {
  if (typeof body === 'string') return { bytes: new TextEncoder().encode(body) }
  if (body instanceof Uint8Array) return { bytes: body }
  const { size } = await stat(body.file)
  return size > wholeBytes ? { path: body.file, size } : { bytes: await readFile(body.file) }
}

async function crc32cOfFile(path: string): Promise<string> {
  const crc = openCrc32c()
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) crc.update(chunk)
  return crc.digest()
}
