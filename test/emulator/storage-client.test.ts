import { Storage } from '@google-cloud/storage'
import { expect, test } from 'vitest'
import type { Fault } from '../../emulator/faults.ts'
import { type Emulator, startEmulator } from '../../emulator/index.ts'

// Google's own client, which is how Mayfly and its users meet Cloud Storage.
async function openBucket(emulator: Emulator) {
  const authClient = { request: fetch } as never
  const storage = new Storage({ apiEndpoint: emulator.url, projectId: 'acme', authClient })
  const [bucket] = await storage.createBucket('lake')
  return bucket
}

const uploadWays = [
  ['multipart', { resumable: false }],
  ['resumable', { resumable: true }],
  ['resumable in chunks', { resumable: true, chunkSize: 1024 * 1024 }],
] as const

test.each(uploadWays)('the client uploads (%s), reads back and checks', async (_, options) => {
  await using emulator = await startEmulator()
  const bucket = await openBucket(emulator)
  const bytes = Buffer.alloc(3_500_000, 'some bytes ')
  const file = bucket.file('runs/2026 01/ü.bin')

  await file.save(bytes, { ...options, contentType: 'text/csv', metadata: { metadata: { tag: 'v1' } } })
  const [metadata] = await file.getMetadata()
  expect(metadata).toMatchObject({ size: '3500000', contentType: 'text/csv', metadata: { tag: 'v1' } })
  const [read] = await file.download()
  expect(read.equals(bytes)).toBe(true)
  const [part] = await file.download({ start: 5, end: 8 })
  expect(part.toString()).toBe('byte')
  expect(emulator.unknown()).toEqual([])
})

test.each(uploadWays)('the client hears of an object that is there (%s)', async (_, options) => {
  await using emulator = await startEmulator()
  const file = (await openBucket(emulator)).file('claim')
  const create = () => file.save('x', { ...options, preconditionOpts: { ifGenerationMatch: 0 } })

  await create()
  await expect(create()).rejects.toMatchObject({ code: 412 })
})

test.each(uploadWays)(
  'the client is refused bytes that do not have their declared sum (%s)',
  async (_, options) => {
    await using emulator = await startEmulator()
    const file = (await openBucket(emulator)).file('a')

    await expect(file.save('hello', { ...options, metadata: { crc32c: 'AAAAAA==' } })).rejects.toThrow(
      /CRC32C|crc32c/,
    )
    expect(await file.exists()).toEqual([false])
  },
)

// The client waits for more than a second before it tries again.
test.concurrent.each([
  ['503 without the effect', { kind: 'status', status: 503 }],
  ['429 after the effect', { kind: 'status-after', status: 429 }],
  ['a reset without the effect', { kind: 'reset-before' }],
] as const)('the client retries through %s', async (_, fault) => {
  await using emulator = await startEmulator()
  const bucket = await openBucket(emulator)
  emulator.inject({ route: 'storage.objects.get', ...fault } as Fault)
  // Without a precondition here, this client would never retry again.
  await bucket.file('a').save('x', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } })
  expect((await bucket.file('a').getMetadata())[0].name).toBe('a')
})

test.concurrent('a lost reply makes the client report failure for an object that is there', async () => {
  await using emulator = await startEmulator()
  const file = (await openBucket(emulator)).file('a')
  emulator.inject({ route: 'storage.objects.insert', kind: 'reset-after' })

  const lost = file.save('mine', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } })
  await expect(lost).rejects.toMatchObject({ code: 412 })
  expect((await file.download())[0].toString()).toBe('mine')
})

test('the client lists, copies, composes, changes and deletes', async () => {
  await using emulator = await startEmulator()
  const bucket = await openBucket(emulator)
  for (const name of ['data/1', 'data/2', 'other']) await bucket.file(name).save(name, { resumable: false })

  const [listed] = await bucket.getFiles({ prefix: 'data/', maxResults: 1 })
  expect(listed.map(({ name }) => name)).toEqual(['data/1'])
  await bucket.file('data/1').copy(bucket.file('copy'))
  await bucket.combine(['data/1', 'data/2'], 'both')
  expect((await bucket.file('both').download())[0].toString()).toBe('data/1data/2')
  await bucket.file('copy').setMetadata({ metadata: { tag: 'v1' } })
  expect((await bucket.file('copy').getMetadata())[0].metadata).toEqual({ tag: 'v1' })
  const [held] = await bucket.iam.testPermissions(['storage.objects.get'])
  expect(held).toEqual({ 'storage.objects.get': true })
  await bucket.deleteFiles()
  await bucket.delete()
  await expect(bucket.getMetadata()).rejects.toMatchObject({ code: 404 })
  expect(emulator.unknown()).toEqual([])
})

test('the client says what is missing', async () => {
  await using emulator = await startEmulator()
  const bucket = await openBucket(emulator)
  await expect(bucket.file('a').download()).rejects.toMatchObject({
    code: 404,
    message: 'No such object: lake/a',
  })
  emulator.deny({ bucket: 'lake', permission: 'storage.objects.create' })
  await expect(bucket.file('a').save('x', { resumable: false })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining("'storage.objects.create' denied"),
  })
})
