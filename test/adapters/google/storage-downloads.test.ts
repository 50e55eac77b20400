import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32cOf } from '../../../core/crc32c.ts'
import type { Objects } from '../../../core/world.ts'
import { openBucket, startBucket } from './bucket.ts'
import { answer, type Handler, hangInBody, startHostileServer } from './hostile-server.ts'

const route = 'storage.objects.get'
const bytes = randomBytes(3 << 20)

async function read(objects: Objects): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of objects.open('x')) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Serves bytes as Cloud Storage does. */
function serve(body: Uint8Array | string, headers: Record<string, string | number>): Handler {
  return (_, response) => {
    response.writeHead(200, headers).end(body)
  }
}

test('the bytes of an object come as they are', async () => {
  await using bucket = await startBucket()
  await bucket.objects.create('x', bytes)

  expect(bytes.equals(await read(bucket.objects))).toBe(true)
})

test.each(['truncate', 'reset-before', 'hang'] as const)('a download survives %s', async (kind) => {
  await using bucket = await startBucket()
  await bucket.objects.create('x', bytes)
  bucket.google.inject({ route, kind, times: 2 })

  expect(bytes.equals(await read(bucket.objects))).toBe(true)
  expect(bucket.asked()).toEqual(['storage.objects.insert', route, route, route])
})

test('a download that broke goes on with the same generation from the byte where it stood', async () => {
  const ranges: unknown[] = []
  const half: Handler = (_, response) => {
    const headers = {
      'content-length': 10,
      'x-goog-generation': 7,
      'x-goog-hash': `crc32c=${crc32cOf(Buffer.from('0123456789'))}`,
    }
    response.writeHead(200, { ...headers, 'x-goog-stored-content-length': 10 })
    response.write('01234', () => response.socket?.end())
  }
  const rest: Handler = (request, response) => {
    ranges.push(request.headers.range)
    response.writeHead(206, { 'content-length': 5 }).end('56789')
  }
  await using server = await startHostileServer(half, rest)

  expect(await read(openBucket(server.url))).toEqual(Buffer.from('0123456789'))
  expect(server.seen[1]).toBe('GET /storage/v1/b/acme/o/x?alt=media&generation=7')
  expect(ranges).toEqual(['bytes=5-'])
})

test('a download that never gets further ends', async () => {
  const stuck: Handler = (request, response) => {
    if (!request.headers.range) return hangInBody(request, response)
    response.writeHead(206, { 'content-length': 5 })
    response.flushHeaders()
  }
  await using server = await startHostileServer(stuck)

  await expect(read(openBucket(server.url, { stallMs: 50 }))).rejects.toMatchObject({ failure: 'unknown' })
  expect(server.seen).toHaveLength(4)
})

test.each([
  { what: 'a flipped bit', body: 'hellp', length: 5 },
  { what: 'missing bytes', body: 'hell', length: 5 },
])('$what is noticed at the end', async ({ body, length }) => {
  const crc32c = crc32cOf(Buffer.from('hello'))
  const headers = { 'x-goog-hash': `crc32c=${crc32c},md5=abc`, 'x-goog-stored-content-length': length }
  await using server = await startHostileServer(serve(body, headers))

  const failure = openBucket(server.url).read('x')

  await expect(failure).rejects.toMatchObject({ failure: 'unknown' })
  await expect(failure).rejects.toThrow(`but Google keeps 5 bytes with ${crc32c}`)
})

test('without a checksum in the answer the object is asked for it', async () => {
  const crc32c = crc32cOf(Buffer.from('hello'))
  const described = answer(200, { name: 'x', size: '5', crc32c })
  await using server = await startHostileServer(serve('hello', {}), described, serve('hellp', {}), described)
  const objects = openBucket(server.url)

  expect(await objects.read('x')).toEqual(Buffer.from('hello'))
  await expect(objects.read('x')).rejects.toThrow('but Google keeps')
})

test('an object that is stored gzipped comes unpacked', async () => {
  const packed = gzipSync('hello')
  const headers = {
    'content-encoding': 'gzip',
    'x-goog-stored-content-encoding': 'gzip',
    'x-goog-stored-content-length': packed.length,
    'x-goog-hash': `crc32c=${crc32cOf(packed)}`,
  }
  await using server = await startHostileServer(serve(packed, headers))

  expect(await openBucket(server.url).read('x')).toEqual(Buffer.from('hello'))
})
