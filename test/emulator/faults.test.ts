import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault, FaultKind } from '../../emulator/faults.ts'
import { type Answer, type Calls, openLake } from './storage-calls.ts'

const openFiles = '/proc/self/fd'

const insert = (fault: FaultKind): Fault => ({ ...fault, route: 'storage.objects.insert' })

async function exists(calls: Calls, name: string): Promise<boolean> {
  return (await calls.read(name)).status === 200
}

/** Whether a call is still without an answer after a while that would do for a thousand. */
async function isUnanswered(call: Promise<Answer>): Promise<boolean> {
  return (await Promise.race([call, sleep(200, 'nothing')])) === 'nothing'
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5)
}

test('status: the error instead of the effect', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'status', status: 503 }))

  const { status, json } = await lake.put('a', 'x')
  expect([status, json.error.errors[0]?.reason]).toEqual([503, 'backendError'])
  expect(await exists(lake, 'a')).toBe(false)
  expect((await lake.put('a', 'x')).status).toBe(200)
})

test('status: with the reason and the message that are asked for', async () => {
  await using lake = await openLake()
  lake.emulator.inject(
    insert({ kind: 'status', status: 403, reason: 'rateLimitExceeded', message: 'slow down' }),
  )

  const { status, json } = await lake.put('a', 'x')
  expect([status, json]).toMatchObject([
    403,
    { error: { message: 'slow down', errors: [{ reason: 'rateLimitExceeded' }] } },
  ])
})

test('status-after: the effect, then the error', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'status-after', status: 429 }))

  expect((await lake.put('a', 'x')).json.error.errors[0]?.reason).toBe('rateLimitExceeded')
  expect(await exists(lake, 'a')).toBe(true)
})

test.each([
  ['reset-before', false],
  ['reset-after', true],
] as const)('%s: no answer, and the effect: %s', async (kind, effect) => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind }))

  await expect(lake.put('a', 'x')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect(await exists(lake, 'a')).toBe(effect)
  expect(
    lake.emulator.requests().find(({ name }) => name === 'storage.objects.insert')?.status,
  ).toBeUndefined()
})

test.each([
  ['hang', false],
  ['hang-after', true],
] as const)('%s: silence, and the effect: %s', async (kind, effect) => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind }))

  const call = lake.put('a', 'x')
  call.catch(() => {})
  expect(await isUnanswered(call)).toBe(true)
  expect(await exists(lake, 'a')).toBe(effect)
})

test('delay: everything, later', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'delay', ms: 300 }))

  const call = lake.put('a', 'x')
  expect(await isUnanswered(call)).toBe(true)
  expect((await call).status).toBe(200)
})

test('truncate: half of the body under the length of all of it', async () => {
  await using lake = await openLake()
  await lake.put('a', 'x'.repeat(1_000_000))
  lake.emulator.inject({ route: 'storage.objects.get', kind: 'truncate' })

  const response = await fetch(`${lake.emulator.url}/storage/v1/b/lake/o/a?alt=media`)
  expect(response.headers.get('content-length')).toBe('1000000')
  let received = 0
  const reading = (async () => {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) received += chunk.length
  })()
  await expect(reading).rejects.toThrow('terminated')
  expect(received).toBe(500_000)
})

test('truncate: of a reply in JSON, after the effect', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'truncate' }))

  await expect(lake.put('a', 'x')).rejects.toThrow('terminated')
  expect(await exists(lake, 'a')).toBe(true)
})

test('late: the client has given up when the effect comes', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'late', ms: 50 }))

  await expect(lake.put('a', 'x')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect(await exists(lake, 'a')).toBe(false)
  await until(() => exists(lake, 'a'))
  expect((await lake.read('a')).text).toBe('x')
})

test('duplicate: the same request has its effect again', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'duplicate', ms: 10 }))

  const first = (await lake.put('a', 'x')).json.generation
  await until(async () => (await lake.read('a')).headers.get('x-goog-generation') !== first)
  expect((await lake.read('a')).text).toBe('x')
})

test('a download that a fault swallows leaves no file open', async (context) => {
  if (!existsSync(openFiles)) return context.skip('only Linux tells of open files')
  await using lake = await openLake()
  await lake.put('a', 'x')
  lake.emulator.inject({ route: 'storage.objects.get', kind: 'status-after', status: 503, times: 50 })

  await lake.read('a')
  const before = readdirSync(openFiles).length
  for (let time = 0; time < 40; time++) await lake.read('a')
  expect(readdirSync(openFiles).length).toBeLessThan(before + 20)
})

test('a fault is for its route and its match, after so many requests, so many times', async () => {
  await using lake = await openLake()
  const { emulator } = lake
  emulator.inject({
    ...insert({ kind: 'status', status: 500 }),
    match: 'name=runs/.*result',
    after: 1,
    times: 2,
  })

  const statuses: number[] = []
  for (const name of ['other', 'runs/1/result', 'runs/2/result', 'other', 'runs/3/result', 'runs/4/result']) {
    statuses.push((await lake.put(name, 'x')).status)
  }
  expect(statuses).toEqual([200, 200, 500, 200, 500, 200])
})

test('faults for every route, in the order in which they were given', async () => {
  await using lake = await openLake()
  lake.emulator.inject({ route: '*', kind: 'status', status: 500 })
  lake.emulator.inject({ route: 'storage.objects.insert', kind: 'status', status: 502 })

  expect((await lake.put('a', 'x')).status).toBe(500)
  expect((await lake.put('a', 'x')).status).toBe(502)
  expect((await lake.put('a', 'x')).status).toBe(200)
})

test('faults for an emulator in another process come over HTTP', async () => {
  await using lake = await openLake()
  const body = JSON.stringify([
    insert({ kind: 'status', status: 503 }),
    insert({ kind: 'status', status: 504 }),
  ])
  expect((await lake.send('POST', '/_mayfly/faults', { body })).status).toBe(204)

  expect((await lake.put('a', 'x')).status).toBe(503)
  expect((await lake.put('a', 'x')).status).toBe(504)
  expect((await lake.put('a', 'x')).status).toBe(200)
})
