import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { crc32cOf } from '../../../core/crc32c.ts'
import { openBucket, startBucket } from './bucket.ts'
import { answer, type Handler, refuse, startHostileServer } from './hostile-server.ts'

const route = 'storage.objects.insert'
const bytes = randomBytes(5 << 20)
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'))
  file = join(folder, 'archive.tar.gz')
  await writeFile(file, bytes)
})

afterAll(() => rm(folder, { recursive: true }))

test('a small file goes in one request', async () => {
  await using bucket = await startBucket()
  const small = join(folder, 'small')
  await writeFile(small, 'few')

  expect(await bucket.objects.create('x', { file: small })).toMatchObject({ size: 3 })
  expect(bucket.asked()).toEqual([route])
})

test('a large file goes into a session, in one stream', async () => {
  await using bucket = await startBucket()

  const created = await bucket.objects.create(
    'x',
    { file },
    { metadata: { a: 'b' }, contentType: 'application/gzip' },
  )

  expect(created).toMatchObject({ size: bytes.length, crc32c: crc32cOf(bytes), metadata: { a: 'b' } })
  expect(bytes.equals((await bucket.objects.read('x')) ?? Buffer.alloc(0))).toBe(true)
  expect(bucket.asked().slice(0, 2)).toEqual([route, route])
})

test('what exists is told before the file is sent', async () => {
  await using bucket = await startBucket()
  await bucket.objects.create('x', 'mine')

  expect(await bucket.objects.create('x', { file })).toBe('exists')
  expect(bucket.asked()).toEqual([route, route])
})

test.each([
  { kind: 'status', status: 503 },
  { kind: 'status-after', status: 503 },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'truncate' },
  { kind: 'hang' },
  { kind: 'hang-after' },
] as const)('the upload of a file survives $kind $status', async (fault) => {
  await using bucket = await startBucket()
  bucket.google.inject({ ...fault, route, after: 1 })

  expect(await bucket.objects.create('x', { file })).toMatchObject({ size: bytes.length })
  expect(bytes.equals((await bucket.objects.read('x')) ?? Buffer.alloc(0))).toBe(true)
})

test('wrong bytes are refused before they are there', async () => {
  await using bucket = await startBucket()

  const failure = bucket.objects.create('x', { file }, { crc32c: 'AAAAAA==' })

  await expect(failure).rejects.toMatchObject({ failure: 'invalid' })
  expect(await bucket.objects.stat('x')).toBeUndefined()
})

const begin: Handler = (request, response) => {
  const location = `http://${request.headers.host}/session`
  answer(200, {}, { location })(request, response)
}

/** Takes so many bytes of the body, and then breaks the connection. */
function take(count: number, ranges: unknown[]): Handler {
  return async (request, response) => {
    ranges.push(request.headers['content-range'])
    let length = 0
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length >= count) break
    }
    response.socket?.resetAndDestroy()
  }
}

function tell(status: number, ranges: unknown[], range?: string): Handler {
  return (request, response) => {
    ranges.push(request.headers['content-range'])
    answer(status, { name: 'x', size: bytes.length }, range ? { range } : {})(request, response)
  }
}

test('an upload goes on from where Google says it got', async () => {
  const ranges: unknown[] = []
  await using server = await startHostileServer(
    begin,
    take(1 << 20, ranges),
    tell(308, ranges, 'bytes=0-999999'),
    tell(308, ranges, 'bytes=0-1999999'),
    tell(308, ranges, 'bytes=0-1999999'),
    tell(200, ranges),
  )

  expect(await openBucket(server.url).create('x', { file })).toMatchObject({ size: bytes.length })
  expect(ranges).toEqual([
    `bytes 0-${bytes.length - 1}/${bytes.length}`,
    `bytes */${bytes.length}`,
    // Google took a part and asked for the rest; fetch cannot tell how much, so that the next request asks.
    `bytes 1000000-${bytes.length - 1}/${bytes.length}`,
    `bytes */${bytes.length}`,
    `bytes 2000000-${bytes.length - 1}/${bytes.length}`,
  ])
})

test('an upload that stands still ends, and says where', async () => {
  const nothing: Handler = (request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(308).end())
  }
  await using server = await startHostileServer(begin, nothing)
  const objects = openBucket(server.url, { retry: { baseMs: 1, capMs: 1, budgetMs: 100 } })

  const failure = objects.create('x', { file })

  await expect(failure).rejects.toMatchObject({ failure: 'unknown' })
  await expect(failure).rejects.toThrow(`stands still at byte 0 of ${bytes.length}`)
})

test('a session that has ended is no absent object', async () => {
  await using server = await startHostileServer(begin, refuse(410, 'gone'))

  const failure = openBucket(server.url).create('x', { file })

  await expect(failure).rejects.toMatchObject({ failure: 'unknown' })
  await expect(failure).rejects.toThrow('the upload session has ended')
})

test('an upload that is aborted ends with the reason, and sends no more', async () => {
  const reason = new Error('the user went home')
  const controller = new AbortController()
  const listen: Handler = (request: IncomingMessage) => {
    request.once('data', () => controller.abort(reason))
  }
  await using server = await startHostileServer(begin, listen)

  const failure = openBucket(server.url).create('x', { file }, { signal: controller.signal })

  await expect(failure).rejects.toBe(reason)
  expect(server.seen).toHaveLength(2)
})

test('a file that is not there is named', async () => {
  const missing = join(folder, 'missing')

  await expect(openBucket('http://127.0.0.1:9').create('x', { file: missing })).rejects.toThrow(missing)
})

test('the memory that an upload takes does not grow with the file', async () => {
  await using server = await startHostileServer(begin, answer(200, { name: 'large', size: '400' }))
  const large = join(folder, 'large')
  await writeFile(large, '')
  await truncate(large, 256 << 20)

  const program = join(import.meta.dirname, 'fixtures/upload.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, server.url, large])

  const { created, peakMb } = JSON.parse(stdout)
  expect(created).toMatchObject({ name: 'large', size: 400 })
  expect(peakMb).toBeLessThan(300)
})
