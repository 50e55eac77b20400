import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { crc32c, encodeCrc32c } from '../../emulator/crc32c.ts'
import { type Calls, lake as lakePath, openLake } from './storage-calls.ts'

const upload = `/upload${lakePath}/o`
const block = 256 * 1024

function sumsOf(bytes: Uint8Array) {
  return { crc32c: encodeCrc32c(crc32c(bytes)), md5Hash: createHash('md5').update(bytes).digest('base64') }
}

/** Bytes that no offset repeats. */
function noise(length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length)
  let state = 1
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}

function multipart(resource: object, bytes: Buffer, lineEnd = '\r\n') {
  const head = ['--of-parts', 'Content-Type: application/json', '', JSON.stringify(resource)]
  const body = [...head, '--of-parts', 'content-type: text/csv', '', ''].join(lineEnd)
  const tail = `${lineEnd}--of-parts--${lineEnd}`
  return {
    headers: { 'content-type': 'multipart/related; boundary="of-parts"' },
    body: Buffer.concat([Buffer.from(body), bytes, Buffer.from(tail)]),
  }
}

async function startUpload(calls: Calls, query: string, init: RequestInit = {}): Promise<string> {
  const { status, headers } = await calls.send('POST', `${upload}?uploadType=resumable&${query}`, init)
  expect(status).toBe(200)
  const { pathname, search } = new URL(headers.get('location') ?? '')
  return pathname + search
}

function put(
  calls: Calls,
  session: string,
  range: string,
  body: NonNullable<RequestInit['body']> = '',
  headers = {},
) {
  return calls.send('PUT', session, { headers: { 'content-range': range, ...headers }, body })
}

test('media: bytes as they are, with the sums of them', async () => {
  await using lake = await openLake()
  const bytes = noise(3_000_001)

  const { json } = await lake.put('a/b c', bytes)
  expect(json).toMatchObject({
    name: 'a/b c',
    bucket: 'lake',
    size: '3000001',
    metageneration: '1',
    ...sumsOf(bytes),
  })
  expect(json.generation).toMatch(/^\d{16}$/)
  expect((await lake.read('a/b c')).headers.get('x-goog-hash')).toBe(
    `crc32c=${json.crc32c},md5=${json.md5Hash}`,
  )
})

test('media: nothing is an object of no bytes', async () => {
  await using lake = await openLake()
  expect((await lake.put('empty', '')).json).toMatchObject({
    size: '0',
    crc32c: 'AAAAAA==',
    md5Hash: '1B2M2Y8AsgTpgAmY7PhCfg==',
  })
  expect(await lake.read('empty')).toMatchObject({ status: 200, text: '' })
})

test.each(['\r\n', '\n'])('multipart: a resource and bytes, lines ended by %j', async (lineEnd) => {
  await using lake = await openLake()
  const bytes = Buffer.concat([noise(700_000), Buffer.from('\r\n--of-part and\n--of-nothing\r\n')])
  const resource = {
    name: 'a',
    metadata: { tag: 'v1' },
    customTime: '2026-01-01T00:00:00Z',
    ...sumsOf(bytes),
  }

  const init = multipart(resource, bytes, lineEnd)
  const { status, json } = await lake.send('POST', `${upload}?uploadType=multipart`, init)
  expect([status, json]).toMatchObject([
    200,
    { ...resource, contentType: 'text/csv', size: `${bytes.length}` },
  ])
})

test('multipart: a delimiter that falls across the pieces in which it arrives', async () => {
  await using lake = await openLake()
  const { headers, body } = multipart({ name: 'a' }, Buffer.from('0123456789'))
  for (let cut = body.length - 20; cut < body.length; cut++) {
    const pieces = new ReadableStream({
      async start(controller) {
        controller.enqueue(body.subarray(0, cut))
        await new Promise((resolve) => setTimeout(resolve, 3))
        controller.enqueue(body.subarray(cut))
        controller.close()
      },
    })
    const init: RequestInit = { headers, body: pieces, duplex: 'half' }
    expect((await lake.send('POST', `${upload}?uploadType=multipart`, init)).status).toBe(200)
    expect((await lake.read('a')).text).toBe('0123456789')
  }
})

test('multipart: a body that stops before its end stores nothing', async () => {
  await using lake = await openLake()
  const { headers, body } = multipart({ name: 'a' }, Buffer.from('x'))
  const init = { headers, body: body.subarray(0, -12) }
  expect((await lake.send('POST', `${upload}?uploadType=multipart`, init)).json).toMatchObject({
    error: { code: 400, message: 'Missing end boundary in multipart body.' },
  })
  expect((await lake.list('')).names).toEqual([])
})

test.each([
  ['crc32c', 'CRC32C', 'AAAAAA=='],
  ['md5Hash', 'MD5 hash', '1B2M2Y8AsgTpgAmY7PhCfg=='],
])('a %s that is not that of the bytes: 400, and nothing is stored', async (member, word, wrong) => {
  await using lake = await openLake()
  const bytes = Buffer.from('hello')
  const right = sumsOf(bytes)[member as 'crc32c']
  const init = multipart({ name: 'a', [member]: wrong }, bytes)

  expect((await lake.send('POST', `${upload}?uploadType=multipart`, init)).json.error).toMatchObject({
    code: 400,
    message: `Provided ${word} "${wrong}" doesn't match calculated ${word} "${right}".`,
    errors: [{ reason: 'invalid' }],
  })
  expect((await lake.list('')).names).toEqual([])
})

test('the sums may come as X-Goog-Hash', async () => {
  await using lake = await openLake()
  const send = (hash: string) =>
    lake.send('POST', `${upload}?uploadType=media&name=a`, {
      headers: { 'x-goog-hash': hash },
      body: 'hello',
    })

  expect((await send('crc32c=AAAAAA==')).status).toBe(400)
  expect((await send('crc32c=mnG7TA==,md5=1B2M2Y8AsgTpgAmY7PhCfg==')).status).toBe(400)
  expect((await send('crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==')).status).toBe(200)
})

test('resumable: in one piece, and the finished session still answers', async () => {
  await using lake = await openLake()
  const bytes = noise(600_000)
  const resource = JSON.stringify({ contentType: 'text/csv', metadata: { tag: 'v1' } })
  const session = await startUpload(lake, 'name=a%20b', { body: resource })

  const { status, json } = await lake.send('PUT', session, { body: bytes })
  expect([status, json]).toMatchObject([
    200,
    { name: 'a b', contentType: 'text/csv', metadata: { tag: 'v1' }, ...sumsOf(bytes) },
  ])
  expect((await put(lake, session, 'bytes */*')).json).toEqual(json)
  expect((await lake.send('PUT', session, { body: bytes })).json).toEqual(json)
})

test('resumable: in chunks, with the size said at the end', async () => {
  await using lake = await openLake()
  const bytes = noise(2 * block + 5)
  const session = await startUpload(lake, 'name=a')

  const none = await put(lake, session, 'bytes */*')
  expect([none.status, none.headers.get('range')]).toEqual([308, null])
  const first = await put(lake, session, `bytes 0-${block - 1}/*`, bytes.subarray(0, block))
  expect([first.status, first.headers.get('range')]).toEqual([308, `bytes=0-${block - 1}`])
  const asked = await put(lake, session, `bytes */${bytes.length}`)
  expect([asked.status, asked.headers.get('range')]).toEqual([308, `bytes=0-${block - 1}`])
  const last = await put(
    lake,
    session,
    `bytes ${block}-${bytes.length - 1}/${bytes.length}`,
    bytes.subarray(block),
  )
  expect([last.status, last.json]).toMatchObject([200, sumsOf(bytes)])
})

test('resumable: a chunk between blocks is kept in whole blocks; one below a block is refused', async () => {
  await using lake = await openLake()
  const bytes = noise(3 * block)
  const session = await startUpload(lake, 'name=a')

  const odd = await put(lake, session, `bytes 0-${block + 99}/*`, bytes.subarray(0, block + 100))
  expect(odd.headers.get('range')).toBe(`bytes=0-${block - 1}`)
  const gap = await put(
    lake,
    session,
    `bytes ${block + 100}-${bytes.length - 1}/${bytes.length}`,
    bytes.subarray(block + 100),
  )
  expect([gap.status, gap.text]).toEqual([
    503,
    `Invalid request.  According to the Content-Range header, the upload offset is ${block + 100} byte(s), which exceeds already uploaded size of ${block} byte(s).`,
  ])
  const small = await put(lake, session, `bytes ${block}-${block + 9}/*`, bytes.subarray(block, block + 10))
  expect([small.status, small.json.error.message]).toEqual([400, expect.stringMatching(/contained 10 bytes/)])
  const overlap = await put(
    lake,
    session,
    `bytes 100-${bytes.length - 1}/${bytes.length}`,
    bytes.subarray(100),
  )
  expect([overlap.status, overlap.json]).toMatchObject([200, sumsOf(bytes)])
})

test('resumable: to the end of the body, whose size nobody says', async () => {
  await using lake = await openLake()
  const bytes = noise(block + 3)
  const session = await startUpload(lake, 'name=a')
  const { status, json } = await put(lake, session, 'bytes 0-*/*', bytes)
  expect([status, json]).toMatchObject([200, sumsOf(bytes)])
})

test('resumable: ended by a question that says the size', async () => {
  await using lake = await openLake()
  const bytes = noise(block)
  const session = await startUpload(lake, 'name=a')
  await put(lake, session, `bytes 0-${block - 1}/*`, bytes)
  expect((await put(lake, session, `bytes */${block}`)).json).toMatchObject(sumsOf(bytes))
})

test('resumable: after a connection that broke, whole blocks are there to go on from', async () => {
  await using lake = await openLake()
  const bytes = noise(5 * block)
  const session = await startUpload(lake, 'name=a')
  const broken = new ReadableStream({
    async pull(controller) {
      controller.enqueue(bytes.subarray(0, 2 * block + 7))
      await new Promise((resolve) => setTimeout(resolve, 50))
      controller.error(new Error('the client went away'))
    },
  })
  const range = { 'content-range': `bytes 0-*/${bytes.length}` }
  await expect(lake.send('PUT', session, { headers: range, body: broken, duplex: 'half' })).rejects.toThrow()

  const asked = await put(lake, session, 'bytes */*')
  expect([asked.status, asked.headers.get('range')]).toEqual([308, `bytes=0-${2 * block - 1}`])
  const rest = await put(lake, session, `bytes ${2 * block}-*/${bytes.length}`, bytes.subarray(2 * block))
  expect([rest.status, rest.json]).toMatchObject([200, sumsOf(bytes)])
})

test('resumable: sums from the start and from the last request both count', async () => {
  await using lake = await openLake()
  const wrong = JSON.stringify({ crc32c: 'AAAAAA==' })
  const first = await startUpload(lake, 'name=a', { body: wrong })
  expect((await lake.send('PUT', first, { body: 'hello' })).status).toBe(400)
  const second = await startUpload(lake, 'name=a')
  expect((await put(lake, second, 'bytes 0-4/5', 'hello', { 'x-goog-hash': 'crc32c=AAAAAA==' })).status).toBe(
    400,
  )

  expect((await lake.list('')).names).toEqual([])
  expect((await put(lake, second, 'bytes */*')).status).toBe(404)
})

test('resumable: a request that comes while the last one is still being read waits for it', async () => {
  await using lake = await openLake()
  const bytes = noise(20 * block)
  const session = await startUpload(lake, 'name=a')
  const answers = await Promise.all([1, 2, 3].map(() => lake.send('PUT', session, { body: bytes })))

  for (const { status, json } of answers) expect([status, json]).toMatchObject([200, sumsOf(bytes)])
  expect(new Set(answers.map(({ json }) => json.generation)).size).toBe(1)
})

test('resumable: a condition counts at the start and at the end', async () => {
  await using lake = await openLake()
  const session = await startUpload(lake, 'name=a&ifGenerationMatch=0')
  await lake.put('a', 'theirs')

  const late = await lake.send('POST', `${upload}?uploadType=resumable&name=a&ifGenerationMatch=0`)
  expect(late.status).toBe(412)
  expect((await lake.send('PUT', session, { body: 'mine' })).status).toBe(412)
  expect((await lake.read('a')).text).toBe('theirs')
})

test('resumable: a cancelled session answers 499 for good', async () => {
  await using lake = await openLake()
  const session = await startUpload(lake, 'name=a')
  expect((await lake.send('DELETE', session)).status).toBe(499)
  expect((await lake.send('PUT', session, { body: 'x' })).status).toBe(499)
  expect((await lake.list('')).names).toEqual([])
})

test('resumable: who cannot take a 308 is told otherwise', async () => {
  await using lake = await openLake()
  const session = await startUpload(lake, 'name=a')
  const { status, headers } = await put(lake, session, 'bytes */*', '', { 'x-guploader-no-308': 'yes' })
  expect([status, headers.get('x-http-status-code-override')]).toEqual([200, '308'])
})

test.each([
  ['uploadType=media', 'Required'],
  ['uploadType=media&name=..', "Invalid object name: '..'"],
  [
    `uploadType=media&name=${'x'.repeat(1025)}`,
    'The maximum object length is 1024 bytes, but got a name with 1025.',
  ],
  ['uploadType=media&name=a&ifGenerationMatch=none', "Invalid value for ifGenerationMatch: 'none'"],
  ['uploadType=parcel&name=a', "Invalid uploadType 'parcel': expected media, multipart or resumable"],
  ['uploadType=multipart&name=a', "No boundary in the Content-Type ''"],
])('400 for an upload with %s', async (query, message) => {
  await using lake = await openLake()
  expect((await lake.send('POST', `${upload}?${query}`)).json.error).toMatchObject({ code: 400, message })
})

test('of many who create one name, exactly one wins', async () => {
  await using lake = await openLake()
  const bodies = Array.from({ length: 30 }, (_, index) => `${index} `.repeat(50_000))

  const answers = await Promise.all(bodies.map((body) => lake.put('claim', body, '&ifGenerationMatch=0')))
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []))
  expect(answers.filter(({ status }) => status === 412)).toHaveLength(29)
  expect(winners).toHaveLength(1)
  expect((await lake.read('claim')).text).toBe(bodies[winners[0] ?? 0])
})
