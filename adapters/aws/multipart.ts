import { open } from 'node:fs/promises'
import { openCrc32c } from '../../core/crc32c.ts'
import { CloudError } from '../../core/errors.ts'
import type { Answer } from '../google/transport.ts'
import type { S3Calls } from './calls.ts'
import { escapeText, readElement } from './xml.ts'

/** The least that S3 takes for a part is 5 MiB, and the most are 10,000 parts. */
const smallestPart = 8 << 20
const mostParts = 10_000

/** Parts of one file at a time; each is in memory. */
const width = 2

export interface FileToSend {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly headers: Readonly<Record<string, string>>
  /** Does a part of the work again while it fails for a passing reason. */
  readonly patiently: <T>(act: () => Promise<T>) => Promise<T>
}

/** What S3 keeps. */
export interface Sent {
  readonly answer: Answer
  readonly etag: string
  readonly crc32c: string
}

/**
 * Sends a large file in parts: one that fails is sent again, not the file. Each part's crc32c goes with it, and the
 * file's with the last word (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
 * What cannot be finished is taken back, so that nobody pays for it.
 */
export async function sendInParts(calls: S3Calls, file: FileToSend): Promise<Sent> {
  const { name, patiently } = file
  const uploadId = await patiently(() => begin(calls, file))
  try {
    const { parts, crc32c } = await sendParts(calls, file, uploadId)
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`
    const complete = () =>
      calls.send({
        http: 'POST',
        action: 's3:PutObject',
        name,
        query: { uploadId },
        headers: {
          'content-type': 'application/xml',
          'x-amz-checksum-crc32c': crc32c,
          'x-amz-checksum-type': 'FULL_OBJECT',
        },
        body,
      })
    const answer = await patiently(complete).catch((error) => findCompleted(calls, file, crc32c, error))
    const etag =
      readElement(new TextDecoder().decode(answer.body), 'ETag') ?? answer.headers.get('etag') ?? ''
    return { answer, etag, crc32c }
  } catch (error) {
    const abort = { http: 'DELETE', action: 's3:AbortMultipartUpload', name, query: { uploadId } } as const
    await calls.send(abort).catch(() => undefined)
    throw error
  }
}

/** When the answer of the last word was lost, there is no such upload the second time, but the object. */
async function findCompleted(
  calls: S3Calls,
  { name, size }: FileToSend,
  crc32c: string,
  error: unknown,
): Promise<Answer> {
  if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
  const headers = { 'x-amz-checksum-mode': 'ENABLED' }
  const head = await calls.send({ http: 'HEAD', action: 's3:GetObject', name, headers }).catch(() => {
    throw error
  })
  const found = head.headers.get('x-amz-checksum-crc32c') ?? crc32c
  if (Number(head.headers.get('content-length')) !== size || found !== crc32c) throw error
  return head
}

async function begin(calls: S3Calls, { name, headers }: FileToSend): Promise<string> {
  const { body } = await calls.send({
    http: 'POST',
    action: 's3:PutObject',
    name,
    query: { uploads: '' },
    headers: { ...headers, 'x-amz-checksum-algorithm': 'CRC32C', 'x-amz-checksum-type': 'FULL_OBJECT' },
  })
  const uploadId = readElement(new TextDecoder().decode(body), 'UploadId')
  if (uploadId !== undefined) return uploadId
  throw new CloudError('unknown', 's3:PutObject', `${name}: an answer of S3 without UploadId.`)
}

async function sendParts(calls: S3Calls, file: FileToSend, uploadId: string) {
  const { name, path, size, patiently } = file
  const partBytes = Math.max(smallestPart, Math.ceil(size / mostParts))
  const count = Math.ceil(size / partBytes)
  const parts: string[] = []
  const whole = openCrc32c()
  await using handle = await open(path)
  let failed = false
  let next = 0
  // Reading is in turn, since the file's checksum wants the bytes in order; sending is not.
  let reading: Promise<unknown> = Promise.resolve()
  const read = (part: number) => {
    const turn = reading.then(async () => {
      const length = Math.min(partBytes, size - part * partBytes)
      const bytes = Buffer.allocUnsafe(length)
      for (let at = 0; at < length; ) {
        const { bytesRead } = await handle.read(bytes, at, length - at, part * partBytes + at)
        if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`)
        at += bytesRead
      }
      whole.update(bytes)
      return bytes
    })
    reading = turn
    return turn
  }
  const work = async () => {
    while (!failed && next < count) {
      const part = next++
      const body = await read(part)
      const crc = openCrc32c()
      crc.update(body)
      const { headers } = await patiently(() =>
        calls.send({
          http: 'PUT',
          action: 's3:PutObject',
          name,
          query: { partNumber: String(part + 1), uploadId },
          headers: { 'x-amz-checksum-crc32c': crc.digest() },
          body,
        }),
      )
      const etag = escapeText(headers.get('etag') ?? '')
      parts[part] = `<Part><PartNumber>${part + 1}</PartNumber><ETag>${etag}</ETag></Part>`
    }
  }
  const ends = await Promise.allSettled(
    Array.from({ length: width }, () =>
      work().catch((error) => {
        failed = true
        throw error
      }),
    ),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return { parts, crc32c: whole.digest() }
}
