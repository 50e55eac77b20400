import { expect, test } from 'vitest'
import { crc32cOf } from '../../../core/crc32c.ts'
import type { StoredObject } from '../../../core/world.ts'
import { openBucket, startBucket } from './bucket.ts'
import { answer, startHostileServer } from './hostile-server.ts'

async function collect(objects: AsyncIterable<StoredObject>): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of objects) names.push(name)
  return names
}

test('what is created can be seen, read and listed, each with one request', async () => {
  await using bucket = await startBucket()
  const { objects } = bucket
  const name = 'code/a b/ü?#%2F.json'
  const before = Date.now()

  const created = await objects.create(name, '{"a":1}', {
    contentType: 'application/json',
    metadata: { digest: 'abc' },
  })

  expect(created).toEqual({
    name,
    size: 7,
    generation: expect.stringMatching(/^\d+$/),
    crc32c: crc32cOf(new TextEncoder().encode('{"a":1}')),
    created: expect.any(Number),
    metadata: { digest: 'abc' },
  })
  expect((created as StoredObject).created).toBeGreaterThanOrEqual(before)
  expect(await objects.stat(name)).toEqual(created)
  expect(await objects.read(name)).toEqual(Buffer.from('{"a":1}'))
  expect(await collect(objects.list('code/'))).toEqual([name])
  expect(bucket.asked()).toEqual([
    'storage.objects.insert',
    'storage.objects.get',
    'storage.objects.get',
    'storage.objects.list',
  ])
})

test('an object is created once, and put over as often as one likes', async () => {
  await using bucket = await startBucket()
  const { objects } = bucket

  await objects.create('x', 'one')
  expect(await objects.create('x', 'two')).toBe('exists')
  expect(await objects.read('x')).toEqual(Buffer.from('one'))
  await objects.put('x', new Uint8Array([1, 2]))
  await objects.put('x', new Uint8Array([3]))
  expect(await objects.read('x')).toEqual(Buffer.from([3]))
})

test('nothing at all is an object too', async () => {
  await using bucket = await startBucket()

  expect(await bucket.objects.create('empty', '')).toMatchObject({ size: 0, crc32c: 'AAAAAA==' })
  expect(await bucket.objects.read('empty')).toEqual(Buffer.alloc(0))
})

test('what is not there is undefined to see and to read, and an error to open', async () => {
  await using bucket = await startBucket()
  const { objects } = bucket

  expect(await objects.stat('gone')).toBeUndefined()
  expect(await objects.read('gone')).toBeUndefined()
  await expect(objects.open('gone')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    failure: 'not-found',
    method: 'storage.objects.get',
    message: expect.stringContaining('gs://acme/gone'),
  })
})

test('a list is in the order of the names, from a name on, by a pattern', async () => {
  await using bucket = await startBucket()
  const { objects } = bucket
  for (const name of ['logs/000010', 'logs/000002', 'logs/000001', 'other/a.json'])
    await objects.create(name, 'x')

  expect(await collect(objects.list('logs/'))).toEqual(['logs/000001', 'logs/000002', 'logs/000010'])
  expect(await collect(objects.list('logs/', { startOffset: 'logs/000002' }))).toEqual([
    'logs/000002',
    'logs/000010',
  ])
  expect(await collect(objects.list('', { glob: '**/*.json' }))).toEqual(['other/a.json'])
  expect(await collect(objects.list('nothing/'))).toEqual([])
})

test('a list goes over all pages, and asks for each when it is read', async () => {
  await using server = await startHostileServer(
    answer(200, { items: [{ name: 'a' }, { name: 'b' }], nextPageToken: 'more' }),
    answer(200, { nextPageToken: 'still more' }),
    answer(200, { items: [{ name: 'c' }] }),
  )
  const list = openBucket(server.url).list('', { startOffset: 'a' })
  const fields = 'items%28name%2Csize%2Cgeneration%2Ccrc32c%2CtimeCreated%2Cmetadata%29%2CnextPageToken'
  const page = `GET /storage/v1/b/acme/o?prefix=&fields=${fields}&startOffset=a`

  const names: string[] = []
  for await (const { name } of list) {
    names.push(name)
    if (name === 'b') expect(server.seen).toEqual([page])
  }

  expect(names).toEqual(['a', 'b', 'c'])
  expect(server.seen.slice(1)).toEqual([`${page}&pageToken=more`, `${page}&pageToken=still+more`])
})

test('the address is the one that was given, whatever the environment of the client says', async () => {
  await using bucket = await startBucket()
  process.env.STORAGE_EMULATOR_HOST = 'http://127.0.0.1:9'
  try {
    const objects = openBucket(bucket.google.url)
    await objects.create('x', 'one')
    expect(await objects.read('x')).toEqual(Buffer.from('one'))
  } finally {
    delete process.env.STORAGE_EMULATOR_HOST
  }
})
