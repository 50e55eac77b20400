import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Calls, lake as lakePath, openLake, pathOf } from './storage-calls.ts'

function patch(calls: Calls, name: string, resource: object, query = '') {
  return calls.send('PATCH', pathOf(name) + query, { body: JSON.stringify(resource) })
}

test('generations grow, and a metageneration begins with each', async () => {
  await using lake = await openLake({ now: () => 1_700_000_000_000 })
  const first = (await lake.put('a', 'one')).json
  await patch(lake, 'a', { contentType: 'text/csv' })
  const second = (await lake.put('a', 'two')).json

  expect(Number(second.generation)).toBeGreaterThan(Number(first.generation))
  expect([first.metageneration, second.metageneration]).toEqual(['1', '1'])
  expect(first.timeCreated).toMatch(/^2023-11-14T22:13:20\.\d{3}Z$/)
})

test.each([
  // What is there, the query, the answer to an insert and to a GET; LIVE stands for its generation.
  ['object', 'ifGenerationMatch=0', 412, 412],
  ['object', 'ifGenerationMatch=LIVE', 200, 200],
  ['object', 'ifGenerationMatch=1', 412, 412],
  ['object', 'ifGenerationNotMatch=0', 200, 200],
  ['object', 'ifGenerationNotMatch=LIVE', 412, 304],
  ['object', 'ifGenerationNotMatch=1', 200, 200],
  ['object', 'ifMetagenerationMatch=1', 200, 200],
  ['object', 'ifMetagenerationMatch=2', 412, 412],
  ['object', 'ifMetagenerationNotMatch=1', 412, 304],
  ['object', 'ifMetagenerationNotMatch=2', 200, 200],
  ['object', 'ifGenerationMatch=LIVE&ifMetagenerationMatch=2', 412, 412],
  ['nothing', 'ifGenerationMatch=0', 200, 404],
  ['nothing', 'ifGenerationMatch=1', 412, 404],
  ['nothing', 'ifGenerationNotMatch=0', 412, 404],
  ['nothing', 'ifGenerationNotMatch=1', 200, 404],
  ['nothing', 'ifMetagenerationMatch=1', 412, 404],
  ['nothing', 'ifMetagenerationNotMatch=1', 200, 404],
])('%s, %s: insert %i, get %i', async (there, query, insert, get) => {
  await using lake = await openLake()
  const live = there === 'object' ? (await lake.put('a', 'x')).json.generation : ''
  const asked = query.replace('LIVE', live)

  expect((await lake.send('GET', `${pathOf('a')}?${asked}`)).status).toBe(get)
  expect((await lake.send('GET', `${pathOf('a')}?alt=media&${asked}`)).status).toBe(get)
  const answer = await lake.put('a', 'y', `&${asked}`)
  expect(answer.status).toBe(insert)
  if (insert === 412) {
    const message = 'At least one of the pre-conditions you specified did not hold.'
    expect(answer.json.error).toEqual({
      code: 412,
      message,
      errors: [{ domain: 'global', reason: 'conditionNotMet', message }],
    })
  }
})

test('conditions hold for patch and delete too', async () => {
  await using lake = await openLake()
  const { generation } = (await lake.put('a', 'x')).json

  expect((await patch(lake, 'a', {}, '?ifMetagenerationMatch=2')).status).toBe(412)
  expect((await patch(lake, 'a', {}, '?ifMetagenerationMatch=1')).json.metageneration).toBe('2')
  expect((await lake.send('DELETE', `${pathOf('a')}?ifGenerationMatch=1`)).status).toBe(412)
  expect((await lake.send('DELETE', `${pathOf('a')}?generation=1`)).status).toBe(404)
  expect((await lake.send('DELETE', `${pathOf('a')}?generation=${generation}`)).status).toBe(204)
  expect((await lake.send('DELETE', pathOf('a'))).status).toBe(404)
})

test('an object that is not there, in words; downloads say it as text', async () => {
  await using lake = await openLake()
  const message = 'No such object: lake/a/b'

  expect((await lake.send('GET', pathOf('a/b'))).json.error).toMatchObject({
    code: 404,
    message,
    errors: [{ reason: 'notFound' }],
  })
  const download = await lake.read('a/b')
  expect([download.status, download.text, download.headers.get('content-type')]).toEqual([
    404,
    message,
    'text/html; charset=UTF-8',
  ])
  expect((await lake.send('GET', '/storage/v1/b/sea/o/a')).json.error.message).toBe(
    'The specified bucket does not exist.',
  )
  expect((await lake.send('GET', `${pathOf('a/b')}?generation=5`)).status).toBe(404)
})

test('a patch merges, null removes, and what is not the client’s stays', async () => {
  await using lake = await openLake()
  const created = (await lake.put('a', 'x')).json
  await patch(lake, 'a', { metadata: { one: '1', two: '2' }, cacheControl: 'no-store' })
  const patched = (
    await patch(lake, 'a', { metadata: { one: null, three: '3' }, cacheControl: null, size: '9' })
  ).json

  expect(patched).toMatchObject({ metadata: { two: '2', three: '3' }, size: '1', metageneration: '3' })
  expect(patched).not.toHaveProperty('cacheControl')
  expect([patched.generation, patched.timeCreated]).toEqual([created.generation, created.timeCreated])
  expect(patched.etag).not.toBe(created.etag)
  expect((await lake.send('GET', pathOf('a'))).json).toEqual(patched)
})

test.each([
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=4-', '456789', 'bytes 4-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ['bytes=8-99', '89', 'bytes 8-9/10'],
])('a download of %s', async (range, text, contentRange) => {
  await using lake = await openLake()
  await lake.put('a', '0123456789')

  const answer = await lake.read('a', { range })
  expect(answer).toMatchObject({ status: 206, text })
  expect(answer.headers.get('content-range')).toBe(contentRange)
  expect(answer.headers.get('content-length')).toBe(`${text.length}`)
})

test.each(['bytes=10-', 'bytes=5-4', 'bytes=-0'])('a download of %s: 416', async (range) => {
  await using lake = await openLake()
  await lake.put('a', '0123456789')
  expect((await lake.read('a', { range })).status).toBe(416)
})

test('a download says what it is', async () => {
  await using lake = await openLake()
  const { json } = await lake.put('a', '0123456789')
  await patch(lake, 'a', {
    contentType: 'text/csv',
    cacheControl: 'no-store',
    contentLanguage: 'ja',
    contentDisposition: 'inline',
  })

  const media = String(json.mediaLink).replace(lake.emulator.url, '')
  const { text, headers } = await lake.send('GET', media)
  expect(text).toBe('0123456789')
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/csv',
    'content-length': '10',
    'cache-control': 'no-store',
    'content-language': 'ja',
    'content-disposition': 'inline',
    etag: expect.stringMatching(/./),
    'last-modified': expect.stringMatching(/GMT$/),
    'x-goog-generation': json.generation,
    'x-goog-metageneration': '2',
    'x-goog-hash': `crc32c=${json.crc32c},md5=${json.md5Hash}`,
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': '10',
  })
})

test('what is stored gzipped goes out unpacked, but to those who take gzip', async () => {
  await using lake = await openLake()
  const packed = gzipSync('plain '.repeat(1000))
  await lake.put('a', new Uint8Array(packed), '&contentEncoding=gzip')

  const unpacked = await lake.read('a', { 'accept-encoding': 'identity' })
  expect(unpacked.text).toBe('plain '.repeat(1000))
  expect(unpacked.headers.get('x-goog-stored-content-encoding')).toBe('gzip')
  expect(unpacked.headers.get('content-length')).toBeNull()
  const asIs = await lake.read('a', { 'accept-encoding': 'gzip' })
  expect([asIs.headers.get('content-encoding'), asIs.headers.get('content-length')]).toEqual([
    'gzip',
    `${packed.length}`,
  ])
  await patch(lake, 'a', { cacheControl: 'no-transform' })
  const kept = await lake.read('a', { 'accept-encoding': 'identity' })
  expect(kept.headers.get('content-length')).toBe(`${packed.length}`)
})

test('a download that began goes on when its object is replaced', async () => {
  await using lake = await openLake()
  const old = 'old '.repeat(2_000_000)
  await lake.put('a', old)

  const response = await fetch(`${lake.emulator.url}${pathOf('a')}?alt=media`)
  await lake.put('a', 'new')
  expect(await response.text()).toBe(old)
  expect((await lake.read('a')).text).toBe('new')
})

test('buckets come, change and go', async () => {
  await using lake = await openLake()
  const create = (name: unknown) =>
    lake.send('POST', '/storage/v1/b?project=p', { body: JSON.stringify({ name, location: 'EU' }) })

  expect((await create('sea')).json).toMatchObject({
    kind: 'storage#bucket',
    name: 'sea',
    location: 'EU',
    metageneration: '1',
  })
  expect((await create('sea')).json.error).toMatchObject({ code: 409, errors: [{ reason: 'conflict' }] })
  expect((await create('../x')).json.error).toMatchObject({
    code: 400,
    message: "Invalid bucket name: '../x'",
  })
  expect((await create(undefined)).status).toBe(400)
  expect((await lake.send('GET', '/storage/v1/b?project=p')).json).toMatchObject({
    items: [{ name: 'lake' }, { name: 'sea' }],
  })
  expect((await lake.send('GET', '/storage/v1/b?project=p&prefix=se')).json).toMatchObject({
    items: [{ name: 'sea' }],
  })

  const labels = JSON.stringify({ labels: { team: 'ml' } })
  expect(
    (await lake.send('PATCH', '/storage/v1/b/sea?ifMetagenerationMatch=1', { body: labels })).json,
  ).toMatchObject({
    labels: { team: 'ml' },
    location: 'EU',
    metageneration: '2',
  })
  expect(
    (await lake.send('PATCH', '/storage/v1/b/sea?ifMetagenerationMatch=1', { body: labels })).status,
  ).toBe(412)
  expect((await lake.send('GET', '/storage/v1/b/sea')).json.labels).toEqual({ team: 'ml' })

  await lake.put('a', 'x')
  expect((await lake.send('DELETE', lakePath)).json.error).toMatchObject({
    code: 409,
    message: 'The bucket you tried to delete is not empty.',
  })
  expect((await lake.send('DELETE', '/storage/v1/b/sea')).status).toBe(204)
  expect((await lake.send('GET', '/storage/v1/b/sea')).status).toBe(404)
})
