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

test('truncate at a byte, and shorten: with the length of the whole, and with that of the part', async () => {
  await using lake = await openLake()
  await lake.put('a', 'x'.repeat(1000))
  lake.emulator.inject({ route: 'storage.objects.get', kind: 'truncate', atBytes: 300 })
  await expect(lake.read('a')).rejects.toThrow('terminated')

  lake.emulator.inject(insert({ kind: 'shorten', toBytes: 10 }))
  const { status, text } = await lake.put('b', 'x')
  expect([status, text.length]).toEqual([200, 10])
  expect(await exists(lake, 'b')).toBe(true)
})

test('stall: the body stops at a byte, and goes on', async () => {
  await using lake = await openLake()
  await lake.put('a', 'x'.repeat(1000))
  const get = { route: 'storage.objects.get', atBytes: 300 }
  lake.emulator.inject({ ...get, kind: 'stall', ms: 300 })
  lake.emulator.inject({ ...get, kind: 'stall' })

  const slow = lake.read('a')
  expect(await isUnanswered(slow)).toBe(true)
  expect((await slow).text).toHaveLength(1000)
  const never = lake.read('a')
  never.catch(() => {})
  expect(await isUnanswered(never)).toBe(true)
})

test('stall-request: the effect waits for the rest of the body', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'stall-request', atBytes: 1, ms: 300 }))

  const call = lake.put('a', 'xyz')
  expect(await isUnanswered(call)).toBe(true)
  expect((await call).status).toBe(200)
  expect((await lake.read('a')).text).toBe('xyz')
})

test('status-at: of a resumable upload, what came before counts', async () => {
  await using lake = await openLake()
  const start = await lake.send('POST', '/upload/storage/v1/b/lake/o?uploadType=resumable&name=a', {
    body: '{}',
  })
  const path = (start.headers.get('location') ?? '').replace(lake.emulator.url, '')
  lake.emulator.inject(insert({ kind: 'status-at', status: 503, atBytes: 262_144 }))

  const whole = new Uint8Array(600_000)
  expect((await lake.send('PUT', path, { body: whole })).status).toBe(503)
  const state = await lake.send('PUT', path, {
    headers: { 'content-range': 'bytes */600000', 'x-guploader-no-308': 'yes' },
  })
  expect(state.headers.get('range')).toBe('bytes=0-262143')
  const rest = { body: whole.subarray(262_144), headers: { 'content-range': 'bytes 262144-599999/600000' } }
  expect((await lake.send('PUT', path, rest)).json.size).toBe('600000')
})

test('corrupt: one bit of a download, under the checksum of the true bytes', async () => {
  await using lake = await openLake()
  const { crc32c } = (await lake.put('a', 'abc')).json
  lake.emulator.inject({ route: 'storage.objects.get', kind: 'corrupt' })

  const { text, headers } = await lake.read('a')
  expect([text, headers.get('x-goog-hash')]).toEqual(['`bc', expect.stringContaining(`crc32c=${crc32c}`)])
  expect((await lake.read('a')).text).toBe('abc')
})

test('corrupt-request: one bit of an upload, which a checksum that came along refuses', async () => {
  await using lake = await openLake()
  lake.emulator.inject(insert({ kind: 'corrupt-request' }))
  lake.emulator.inject(insert({ kind: 'corrupt-request' }))
  expect((await lake.put('a', 'abc')).status).toBe(200)
  expect((await lake.read('a')).text).toBe('`bc')

  const checked = await lake.send('POST', '/upload/storage/v1/b/lake/o?uploadType=media&name=b', {
    body: 'abc',
    headers: { 'x-goog-hash': 'crc32c=Nks/tw==' },
  })
  expect([checked.status, await exists(lake, 'b')]).toEqual([400, false])
})

test('short-page: one of many, and a token for the rest', async () => {
  await using lake = await openLake()
  for (const name of ['a', 'b', 'c']) await lake.put(name, 'x')
  lake.emulator.inject({ route: 'storage.objects.list', kind: 'short-page' })

  const first = await lake.list('')
  expect(first.names).toEqual(['a'])
  expect((await lake.list(`pageToken=${first.token}`)).names).toEqual(['b', 'c'])
})

test('with a chance, the same seed gives the same faults', async () => {
  const ask = async (seed: number) => {
    await using other = await openLake()
    other.emulator.inject({ ...insert({ kind: 'status', status: 500 }), chance: 0.4, seed })
    const statuses: number[] = []
    for (let name = 0; name < 30; name++) statuses.push((await other.put(`${name}`, 'x')).status)
    return statuses
  }
  const [first, again, other] = await Promise.all([ask(7), ask(7), ask(8)])
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  expect(new Set(first)).toEqual(new Set([200, 500]))
})

test('every request can be held before its effect and after it, and be lost there', async () => {
  const seen: string[] = []
  await using lake = await openLake({
    async onRequest({ name, query }, moment) {
      if (name !== 'storage.objects.insert') return undefined
      seen.push(moment)
      return query.includes(`lost-${moment}`) ? 'lose' : undefined
    },
  })
  expect((await lake.put('a', 'x')).status).toBe(200)
  await expect(lake.put('lost-before', 'x')).rejects.toThrow()
  await expect(lake.put('lost-after', 'x')).rejects.toThrow()
  expect([await exists(lake, 'lost-before'), await exists(lake, 'lost-after')]).toEqual([false, true])
  expect(seen).toEqual(['before', 'after', 'before', 'before', 'after'])
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
