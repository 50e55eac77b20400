import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openObjects } from '../../adapters/google/storage.ts'
import type { Transport } from '../../adapters/google/transport.ts'
import type { Objects } from '../../core/world.ts'
import { openImpatient } from '../adapters/google/bucket.ts'
import { openLake } from './storage-calls.ts'

// The scenarios of https://github.com/googleapis/conformance-tests (storage/v1/retry_tests.json) for the calls that the
// storage adapter makes, with the driver's part of it: make a test, send its id along, see it completed.

const insert = 'storage.objects.insert'
const get = 'storage.objects.get'
const list = 'storage.objects.list'

const twice = [
  ['return-503', 'return-503'],
  ['return-reset-connection', 'return-reset-connection'],
  ['return-reset-connection', 'return-503'],
] as const

const mebibyte = 1024 * 1024
const bytes = randomBytes(9 * mebibyte)
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-retry-'))
  await writeFile(join(folder, 'large'), bytes)
})
afterAll(() => rm(folder, { recursive: true }))

interface RetryTest {
  readonly id: string
  readonly instructions: Readonly<Record<string, readonly string[]>>
  readonly completed: boolean
  readonly transport: string
}

/** A bucket with three objects, seen by an adapter whose every call names a retry test. */
async function openTest(instructions: RetryTest['instructions']) {
  const cloud = await openLake()
  for (const name of ['one', 'two', 'three']) await cloud.put(name, name)
  await cloud.put('large', bytes)
  const body = JSON.stringify({ instructions, transport: 'HTTP' })
  const { json } = await cloud.send('POST', '/retry_test', { body })
  const { id } = json as unknown as RetryTest
  const transport = nameTest(openImpatient({ deadlineMs: 5000, stallMs: 700 }), id)
  const before = cloud.emulator.requests().length
  return {
    objects: openObjects('lake', { endpoint: cloud.emulator.url, transport }),
    asked: () => cloud.emulator.requests().slice(before),
    state: async () => (await cloud.send('GET', `/retry_test/${id}`)).json as unknown as RetryTest,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  }
}

function nameTest(transport: Transport, id: string): Transport {
  const named = <Call extends { headers?: Readonly<Record<string, string>> }>(call: Call) => ({
    ...call,
    headers: { ...call.headers, 'x-retry-test-id': id },
  })
  return {
    retry: transport.retry,
    send: (call) => transport.send(named(call)),
    open: (call) => transport.open(named(call)),
  }
}

async function readNames(objects: Objects): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of objects.list('')) names.push(name)
  return names
}

const idempotent: readonly (readonly [string, string, (objects: Objects) => Promise<unknown>, unknown])[] = [
  ['a look', get, async (objects) => (await objects.stat('one'))?.size, 3],
  ['a read', get, async (objects) => String(await objects.read('one')), 'one'],
  ['a list', list, readNames, ['large', 'one', 'three', 'two']],
  // With ifGenerationMatch=0, the condition of Google's second scenario.
  ['a create', insert, async (objects) => (await objects.create('new', 'new')) !== 'exists', true],
  // Whole in one request: the second time it is the same object.
  ['a put', insert, async (objects) => (await objects.put('one', 'again')).size, 5],
  [
    'a large create',
    insert,
    async (objects) => (await objects.create('new', { file: join(folder, 'large') })) !== 'exists',
    true,
  ],
]

const faulty = idempotent.flatMap(([what, ...rest]) => twice.map((each) => [what, each, ...rest] as const))

test.each(faulty)('%s goes through %j', async (_, each, method, act, expected) => {
  await using retry = await openTest({ [method]: each })
  expect(await act(retry.objects)).toEqual(expected)
  expect((await retry.state()).completed).toBe(true)
})

test.each([
  ['a read', get, (objects: Objects) => objects.read('one')],
  ['a list', list, readNames],
  ['a create', insert, (objects: Objects) => objects.create('new', 'new')],
] as const)('%s takes 400 and 401 for an answer', async (_, method, act) => {
  for (const [instruction, failure] of [
    ['return-400', 'invalid'],
    ['return-401', 'permission'],
  ] as const) {
    await using retry = await openTest({ [method]: [instruction, instruction] })
    await expect(act(retry.objects)).rejects.toMatchObject({ failure })
    expect(retry.asked()).toHaveLength(1)
    expect((await retry.state()).instructions[method]).toEqual([instruction])
  }
})

test.each([
  [['return-503-after-256K']],
  [['return-503-after-8192K', 'return-408']],
  [['return-reset-connection', 'return-503']],
  [['return-408']],
  [['stall-for-1s-after-256K']],
])('a resumable upload goes on after %j from where it stood', async (instructions) => {
  await using retry = await openTest({ [insert]: instructions })
  const stored = await retry.objects.create('new', { file: join(folder, 'large') })
  expect(stored).toMatchObject({ size: bytes.length })
  expect(Buffer.compare((await retry.objects.read('new')) ?? Buffer.alloc(0), bytes)).toBe(0)
  expect((await retry.state()).completed).toBe(true)
})

test('an upload whose last answer breaks off is no second upload', async () => {
  await using retry = await openTest({ [insert]: ['return-broken-stream-final-chunk-after-100B'] })
  const stored = await retry.objects.create('new', { file: join(folder, 'large') })
  expect(stored === 'exists' || stored.size === bytes.length).toBe(true)
  expect((await retry.state()).completed).toBe(true)
  expect(Buffer.compare((await retry.objects.read('new')) ?? Buffer.alloc(0), bytes)).toBe(0)
})

test.each([
  [['return-broken-stream', 'return-503']],
  [['return-broken-stream-after-256K', 'return-broken-stream-after-512K']],
  [['stall-for-2s-after-256K']],
  [['stall-at-256KiB', 'return-reset-connection']],
])('a download goes on after %j from where it stood', async (instructions) => {
  await using retry = await openTest({ [get]: instructions })
  expect(Buffer.compare((await retry.objects.read('large')) ?? Buffer.alloc(0), bytes)).toBe(0)
  expect((await retry.state()).completed).toBe(true)
})

test('a download with a flipped bit is not taken', async () => {
  await using retry = await openTest({ [get]: ['return-corrupted-data'] })
  await expect(retry.objects.read('large')).rejects.toThrow(/crc32c/)
})

test('a test is made, shown, listed and deleted; what nobody knows is refused by name', async () => {
  await using cloud = await openLake()
  const make = (body: object) => cloud.send('POST', '/retry_test', { body: JSON.stringify(body) })
  const instructions = { [insert]: ['return-503', 'return-503-after-256K'] }
  const { id } = (await make({ instructions })).json as unknown as RetryTest
  const shown = { id, instructions, completed: false, transport: 'HTTP' }
  expect((await cloud.send('GET', `/retry_test/${id}`)).json).toEqual(shown)
  expect((await cloud.send('GET', '/retry_tests')).json).toEqual({ retry_test: [shown] })
  expect((await cloud.send('DELETE', `/retry_test/${id}`)).status).toBe(200)
  expect((await cloud.send('GET', `/retry_test/${id}`)).status).toBe(404)
  const typo = await make({ instructions: { [insert]: ['retrun-503'] } })
  expect([typo.status, typo.text]).toEqual([400, expect.stringContaining('retrun-503')])
  expect((await make({ instructions, transport: 'GRPC' })).status).toBe(400)
})
