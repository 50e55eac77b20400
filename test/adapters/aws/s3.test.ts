import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { crc32cOf } from '../../../core/crc32c.ts'
import { openBucketAt, type S3Server, startS3Server } from '../../machine/s3-server.ts'
import { type Handler, startHostileServer } from '../google/hostile-server.ts'

let server: S3Server
let folder: string
beforeAll(async () => {
  server = await startS3Server()
  folder = await mkdtemp(join(tmpdir(), 'mayfly-s3-test-'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal

async function makeFile(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, bytes)
  return file
}

async function digest(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

test.each([
  ['nothing', 0],
  ['a few bytes', 11],
  ['more than one part', 20_000_001],
])('%s goes there and comes back', async (_, size) => {
  const bucket = await server.make(`round-${size}`)
  const bytes = randomBytes(size)
  const stored = await bucket.put('a/b', await makeFile('bytes', bytes), never)
  expect(stored).toMatchObject({ name: 'a/b', size, crc32c: crc32cOf(bytes) })
  expect(stored.etag).toMatch(/^[0-9a-f]{32}$/)
  expect(await bucket.stat('a/b')).toEqual({ name: 'a/b', size, etag: stored.etag })
  expect(await digest(bucket.open(stored))).toBe(createHash('sha256').update(bytes).digest('hex'))
})

test('names of all kinds are signed, listed and read as they are', async () => {
  const bucket = await server.make('names')
  const names = ['a b', 'ä/ö.csv', 'plus+minus', 'x=1,y=2/part (1)!*.csv', '100%25']
  const file = await makeFile('name', Buffer.from('x'))
  // The server's own list escapes these twice.
  for (const name of ["q'uo", 'a&b', '<x>']) {
    const stored = await bucket.put(name, file, never)
    expect(await bucket.stat(name)).toMatchObject({ etag: stored.etag })
  }
  await using hostile = await startHostileServer(
    xml(200, '<L><Contents><Key>a&amp;b &lt;&#x27;&#39;</Key></Contents></L>'),
  )
  for await (const { name } of openBucketAt(hostile.url, 'names').list('')) expect(name).toBe("a&b <''")
  const own = await server.make('own-names')
  for (const name of names) await own.put(name, file, never)
  const listed: string[] = []
  for await (const object of own.list('')) {
    listed.push(object.name)
    expect(await digest(own.open(object))).toBe(createHash('sha256').update('x').digest('hex'))
  }
  expect(listed.toSorted()).toEqual(names.toSorted())
})

test('a list goes on page by page', async () => {
  const bucket = await server.make('pages')
  const file = await makeFile('page', Buffer.from('x'))
  await Promise.all(Array.from({ length: 1050 }, (_, n) => bucket.put(`many/${n}`, file, never)))
  await bucket.put('other', file, never)
  let count = 0
  for await (const _ of bucket.list('many/')) count++
  expect(count).toBe(1050)
})

test('an object that is another one by now is not read', async () => {
  const bucket = await server.make('changes')
  const first = await bucket.put('a', await makeFile('old', Buffer.from('old')), never)
  await bucket.put('a', await makeFile('new', Buffer.from('new')), never)
  await expect(digest(bucket.open(first))).rejects.toMatchObject({ failure: 'not-found' })
})

test('what is not there is told apart: the object, the bucket, the keys', async () => {
  const bucket = await server.make('apart')
  expect(await bucket.stat('absent')).toBeUndefined()
  const file = await makeFile('apart', Buffer.from('x'))
  const absent = server.open('no-such-bucket')
  await expect(absent.stat('a')).rejects.toMatchObject({
    failure: 'not-found',
    exitCode: 64,
    message: expect.stringMatching(/NoSuchBucket.*Correct the name of the bucket/),
  })
  await expect(absent.put('a', file, never)).rejects.toMatchObject({ failure: 'not-found' })
  const wrongSecret = openBucketAt(server.url, 'apart', {
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'x',
  })
  await expect(wrongSecret.put('a', file, never)).rejects.toMatchObject({
    failure: 'permission',
    exitCode: 77,
    message: expect.stringMatching(/s3:\/\/apart\/a: .*SignatureDoesNotMatch.*do not belong together/),
  })
  const none = openBucketAt(server.url, 'apart', { AWS_ACCESS_KEY_ID: 'S3RVER' })
  await expect(none.put('a', file, never)).rejects.toMatchObject({
    failure: 'permission',
    message: expect.stringContaining('AWS_SECRET_ACCESS_KEY is not set. Give them as secrets of the batch'),
  })
})

const xml = (status: number, body: string, headers: Record<string, string> = {}): Handler => {
  return (request, response) => {
    request.resume()
    request.on('end', () =>
      response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body),
    )
  }
}
const refusal = (code: string, more = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said ${code}</Message>${more}</Error>`

test.each([
  ['a redirect', xml(301, refusal('PermanentRedirect'), { 'x-amz-bucket-region': 'eu-west-1' })],
  [
    'a signature for elsewhere',
    xml(400, refusal('AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>')),
  ],
  ['an address', xml(301, refusal('PermanentRedirect', '<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>'))],
])('a bucket in another region is named by %s', async (_, handler) => {
  await using hostile = await startHostileServer(handler)
  const bucket = openBucketAt(hostile.url, 'far')
  await expect(bucket.put('a', await makeFile('far', Buffer.from('x')), never)).rejects.toMatchObject({
    failure: 'invalid',
    exitCode: 64,
    message: expect.stringContaining(
      'The bucket is in eu-west-1, and us-east-1 was asked. Write aws: { region: eu-west-1 }',
    ),
  })
  expect(hostile.seen.length).toBe(1)
})

test('an upload in parts that ends in an error under a good status is an error, and is taken back', async () => {
  await using hostile = await startHostileServer(
    xml(200, '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>'),
    xml(200, '', { etag: '"p1"' }),
    xml(200, '', { etag: '"p2"' }),
    xml(200, refusal('InternalError')),
    xml(204, ''),
  )
  const file = await makeFile('late', randomBytes(9_000_000))
  await expect(openBucketAt(hostile.url, 'late').put('a', file, never)).rejects.toThrow(/InternalError/)
  expect(hostile.seen).toEqual([
    'POST /late/a?uploads=',
    expect.stringMatching(/^PUT \/late\/a\?partNumber=\d&uploadId=u1$/),
    expect.stringMatching(/^PUT \/late\/a\?partNumber=\d&uploadId=u1$/),
    'POST /late/a?uploadId=u1',
    'DELETE /late/a?uploadId=u1',
  ])
})

test('a last word whose answer was lost is looked after', async () => {
  const bytes = randomBytes(9_000_000)
  const part = xml(200, '', { etag: '"p"' })
  await using hostile = await startHostileServer(
    xml(200, '<R><UploadId>u3</UploadId></R>'),
    part,
    part,
    (request) => request.socket.destroy(),
    xml(404, refusal('NoSuchUpload')),
    xml(200, '', {
      'content-length': String(bytes.length),
      etag: '"whole-2"',
      'x-amz-checksum-crc32c': crc32cOf(bytes),
    }),
  )
  const stored = await openBucketAt(hostile.url, 'lost').put('a', await makeFile('lost', bytes), never)
  expect(stored).toMatchObject({ etag: 'whole-2', crc32c: crc32cOf(bytes) })
  expect(hostile.seen.slice(-3)).toEqual([
    'POST /lost/a?uploadId=u3',
    'POST /lost/a?uploadId=u3',
    'HEAD /lost/a',
  ])
})

test('a part that fails is sent again, and not the file', async () => {
  const fine = xml(200, '', { etag: '"p"' })
  await using hostile = await startHostileServer(
    xml(200, '<R><UploadId>u2</UploadId></R>'),
    xml(503, refusal('SlowDown')),
    xml(500, refusal('InternalError')),
    fine,
    fine,
    xml(200, '<R><ETag>&quot;whole-2&quot;</ETag></R>'),
  )
  const bytes = randomBytes(9_000_000)
  const stored = await openBucketAt(hostile.url, 'slow').put('a', await makeFile('slow', bytes), never)
  expect(stored).toMatchObject({ etag: 'whole-2', crc32c: crc32cOf(bytes) })
  expect(hostile.seen.filter((line) => line.startsWith('PUT'))).toHaveLength(4)
})

test('a download goes on where it broke off, is checked, and comes unpacked where it is stored gzipped', async () => {
  const bytes = randomBytes(1000)
  const md5 = createHash('md5').update(bytes).digest('hex')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const give = (body: Uint8Array, length: number, headers: Record<string, string> = {}): Handler => {
    return (_, response) => {
      response.writeHead(200, { etag: `"${md5}"`, 'content-length': length, ...headers })
      response.write(body)
      if (body.length < length) setTimeout(() => response.destroy(), 20)
      else response.end()
    }
  }
  const object = { name: 'a', etag: md5 }
  await using broken = await startHostileServer(
    give(bytes.subarray(0, 400), 1000),
    give(bytes.subarray(400), 600),
  )
  expect(await digest(openBucketAt(broken.url, 'b').open(object))).toBe(sha256)
  expect(broken.seen).toHaveLength(2)

  const flipped = Buffer.from(bytes)
  flipped[500] = (flipped[500] ?? 0) ^ 1
  await using wrong = await startHostileServer(give(flipped, 1000))
  await expect(digest(openBucketAt(wrong.url, 'b').open(object))).rejects.toMatchObject({
    failure: 'unknown',
    message: expect.stringContaining('got 1000 bytes that are not what S3 keeps'),
  })

  const packed = gzipSync(bytes)
  await using gzipped = await startHostileServer(give(packed, packed.length, { 'content-encoding': 'gzip' }))
  expect(await digest(openBucketAt(gzipped.url, 'b').open(object))).toBe(sha256)
})
