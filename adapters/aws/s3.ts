import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { crc32cOf, openCrc32c } from '../../core/crc32c.ts'
import { CloudError } from '../../core/errors.ts'
import { resumeDownload } from '../google/download.ts'
import type { Transport } from '../google/transport.ts'
import { openCalls, type S3Place } from './calls.ts'
import type { Credentials } from './credentials.ts'
import { toCloudError } from './failures.ts'
import { sendInParts } from './multipart.ts'
import { listElements, readElement } from './xml.ts'

/** An object as S3 tells of it. */
interface S3Object {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Without its quotes. */
  readonly etag: string
  /** Big-endian base64, where S3 knows it. */
  readonly crc32c?: string
  /** Where the bucket keeps versions. */
  readonly version?: string
}

/** The objects of one bucket of S3, or of a server that speaks it. Every failure is a CloudError. */
export interface S3Bucket {
  /** Writes whether or not an object of the name exists. */
  put(name: string, file: string, signal: AbortSignal): Promise<S3Object & { readonly crc32c: string }>
  stat(name: string): Promise<S3Object | undefined>
  /** The bytes of this very object, checked at the end as far as S3 says what they have to be. */
  open(object: Pick<S3Object, 'name' | 'etag' | 'version'>): AsyncIterable<Uint8Array>
  list(prefix: string): AsyncIterable<S3Object>
}

export interface S3Options extends S3Place {
  readonly credentials: () => Promise<Credentials>
  readonly transport: Transport
  /** Does a part of an upload again while it fails for a passing reason. */
  readonly patiently: <T>(act: () => Promise<T>) => Promise<T>
}

/** Files up to here go in one request, from memory. */
const wholeBytes = 8 << 20

export function openS3Bucket({ credentials, transport, patiently, ...place }: S3Options): S3Bucket {
  const calls = openCalls(place, credentials, transport)

  async function put(name: string, path: string, signal: AbortSignal) {
    const { size } = await stat(path)
    const headers = { 'content-type': 'application/octet-stream' }
    const sent =
      size > wholeBytes
        ? await sendInParts(withSignal(calls, signal), { name, path, size, headers, patiently })
        : await sendWhole(name, path, headers, signal)
    const version = sent.answer.headers.get('x-amz-version-id') ?? undefined
    return { name, size, etag: unquote(sent.etag), crc32c: sent.crc32c, ...(version && { version }) }
  }

  async function sendWhole(
    name: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) {
    const body = await readFile(path)
    const crc32c = crc32cOf(body)
    const call = { http: 'PUT', action: 's3:PutObject', name, body, signal } as const
    const answer = await patiently(() =>
      calls.send({ ...call, headers: { ...headers, 'x-amz-checksum-crc32c': crc32c } }),
    )
    return { answer, etag: answer.headers.get('etag') ?? '', crc32c }
  }

  async function* open({ name, etag, version }: Pick<S3Object, 'name' | 'etag' | 'version'>) {
    const query = version === undefined ? {} : { versionId: version }
    const about = `s3://${place.bucket}/${name}`
    const wish = { action: 's3:GetObject', about, region: place.region }
    const begin = async (offset: number) => {
      const answer = await calls.open({
        http: 'GET',
        action: 's3:GetObject',
        name,
        query,
        headers: {
          'if-match': `"${etag}"`,
          'x-amz-checksum-mode': 'ENABLED',
          ...(offset > 0 && { range: `bytes=${offset}-` }),
        },
      })
      // Not every server that speaks S3 knows conditions.
      const found = unquote(answer.headers.get('etag') ?? '')
      if (found === etag) return answer
      await answer.body[Symbol.asyncIterator]().return?.()
      throw new CloudError(
        'not-found',
        wish.action,
        `${about}: its ETag is ${found}, and ${etag} was asked for.`,
      )
    }
    try {
      const first = await begin(0)
      // What is stored gzipped comes unpacked, as from Cloud Storage: nothing is known about its bytes then.
      if (first.headers.has('content-encoding')) return yield* resumeDownload(first, undefined)
      const length = Number(first.headers.get('content-length') ?? Number.NaN)
      const check = chooseCheck(etag, first.headers)
      let size = 0
      for await (const chunk of resumeDownload(first, begin, length)) {
        size += chunk.length
        check?.update(chunk)
        yield chunk
      }
      const wrong = !Number.isNaN(length) && length !== size
      if (wrong || check?.isRight() === false)
        throw new CloudError(
          'unknown',
          wish.action,
          `${about}: got ${size} bytes that are not what S3 keeps.`,
        )
    } catch (error) {
      throw toCloudError(wish, error)
    }
  }

  return {
    put,
    async stat(name) {
      try {
        const { headers } = await calls.send({ http: 'HEAD', action: 's3:GetObject', name })
        const version = headers.get('x-amz-version-id') ?? undefined
        const size = Number(headers.get('content-length') ?? 0)
        return { name, size, etag: unquote(headers.get('etag') ?? ''), ...(version && { version }) }
      } catch (error) {
        // A HEAD has no body that could tell a missing object from a missing bucket: the list of names does.
        if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
        await calls.send({
          http: 'GET',
          action: 's3:ListBucket',
          query: { 'list-type': '2', 'max-keys': '1' },
        })
        return undefined
      }
    },
    open,
    async *list(prefix) {
      for (let token: string | undefined = ''; token !== undefined; ) {
        const query = { 'list-type': '2', prefix, ...(token !== '' && { 'continuation-token': token }) }
        const { body } = await calls.send({ http: 'GET', action: 's3:ListBucket', query })
        const xml = new TextDecoder().decode(body)
        for (const each of listElements(xml, 'Contents'))
          yield {
            name: readElement(each, 'Key') ?? '',
            size: Number(readElement(each, 'Size') ?? 0),
            etag: unquote(readElement(each, 'ETag') ?? ''),
          }
        token =
          readElement(xml, 'IsTruncated') === 'true' ? readElement(xml, 'NextContinuationToken') : undefined
      }
    },
  }
}

interface Check {
  update(bytes: Uint8Array): void
  isRight(): boolean
}

/** A whole object's crc32c where S3 has it; else its ETag, which is the MD5 of what was sent at once and unencrypted. */
function chooseCheck(etag: string, headers: Headers): Check | undefined {
  const expected = headers.get('x-amz-checksum-crc32c')
  if (expected && !expected.includes('-')) {
    const crc = openCrc32c()
    return { update: (bytes) => crc.update(bytes), isRight: () => crc.digest() === expected }
  }
  const encryption = headers.get('x-amz-server-side-encryption') ?? 'AES256'
  const byKey = headers.has('x-amz-server-side-encryption-customer-algorithm')
  if (!/^[0-9a-f]{32}$/.test(etag) || encryption !== 'AES256' || byKey) return undefined
  const md5 = createHash('md5')
  return { update: (bytes) => md5.update(bytes), isRight: () => md5.digest('hex') === etag }
}

function withSignal(calls: ReturnType<typeof openCalls>, signal: AbortSignal): ReturnType<typeof openCalls> {
  return {
    // What is taken back at the end is taken back although the rest was given up.
    send: (call) => calls.send(call.http === 'DELETE' ? call : { ...call, signal }),
    open: (call) => calls.open({ ...call, signal }),
  }
}

function unquote(etag: string): string {
  return etag.replaceAll('"', '')
}
