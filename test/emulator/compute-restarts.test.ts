import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { realClock } from '../../emulator/compute/clock.ts'
import type { Driver } from '../../emulator/drivers/driver.ts'
import { startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, until, zone } from './compute-calls.ts'
import { openPushedClock } from './compute-clock.ts'

const instances = `/${zone}/instances`
const day = 24 * 60 * 60 * 1000

async function openStateDir() {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-restarts-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('what an emulator was about to do is done by the next one', async () => {
  await using state = await openStateDir()
  const requestId = randomUUID()
  const path = `${instances}?requestId=${requestId}`
  const first = await startEmulator({ stateDir: state.path, compute: { delayMs: 60_000 } })
  const insert = await openCalls(first.url).post(path, machine('vm'))
  const image = { name: 'ml', sourceImage: 'global/images/mayfly-local' }
  await openCalls(first.url).post('/global/images', image)
  await first[Symbol.asyncDispose]()

  await using second = await startEmulator({ stateDir: state.path })
  const calls = openCalls(second.url)
  await until(async () => (await calls.get(`${instances}/vm`)).json.status === 'RUNNING')
  await until(async () => (await calls.get('/global/images/ml')).json.status === 'READY')
  const again = await calls.post(path, machine('vm'))
  expect(again.json.name).toBe(insert.json.name)
  expect(await calls.done(again)).toMatchObject({ status: 'DONE', targetId: insert.json.targetId })
})

test('operations are forgotten after a day, and the ids of their requests with them', async () => {
  await using state = await openStateDir()
  const path = `/${zone}/disks?requestId=${randomUUID()}`
  const past = { now: () => Date.now() - 2 * day, stateDir: state.path }
  const names: string[] = []
  {
    await using emulator = await startEmulator(past)
    const calls = openCalls(emulator.url)
    names.push((await calls.done(await calls.post(path, { name: 'd1' }))).name)
  }
  await using emulator = await startEmulator({ stateDir: state.path })
  const calls = openCalls(emulator.url)
  expect((await calls.get(`/${zone}/operations/${names[0]}`)).status).toBe(404)
  expect((await calls.get(`/${zone}/disks/d1`)).status).toBe(200)
  expect((await calls.post(path, { name: 'd1' })).status).toBe(409)
})

test('of two emulators on one directory, neither touches what the other made under an old name', async () => {
  await using state = await openStateDir()
  const clock = openPushedClock()
  await using first = await startEmulator({ stateDir: state.path, compute: { clock, delayMs: 8000 } })
  await using second = await startEmulator({ stateDir: state.path, compute: { clock } })
  const slow = openCalls(first.url)
  const quick = openCalls(second.url)
  const replace = async () => {
    await quick.done(await quick.send('DELETE', `${instances}/vm`))
    return quick.done(await quick.post(instances, machine('vm')))
  }

  // Replaced while the first one is still provisioning it.
  const early = await slow.post(instances, machine('vm'))
  const { targetId } = await replace()
  clock.push(8000)
  expect(await slow.done(early)).toMatchObject({ error: { errors: [{ code: 'RESOURCE_NOT_FOUND' }] } })
  expect((await quick.get(`${instances}/vm`)).json).toMatchObject({ id: targetId, status: 'RUNNING' })
  await quick.done(await quick.send('DELETE', `${instances}/vm`))

  // Replaced while the first one is waiting for its time to be up.
  const scheduling = { maxRunDuration: { seconds: 30 }, instanceTerminationAction: 'DELETE' }
  await slow.post(instances, machine('vm', undefined, { scheduling }))
  for (const status of ['STAGING', 'RUNNING']) {
    clock.push(8000)
    await until(async () => (await slow.get(`${instances}/vm`)).json.status === status)
  }
  const latest = await replace()
  clock.push(30_000)
  const expired = await until(async () => {
    const operations = (await quick.get(`/${zone}/operations`)).json.items ?? []
    return operations.find(({ user, status }) => user === 'system' && status === 'DONE')
  })
  expect(expired).toMatchObject({ operationType: 'delete' })
  expect((await quick.get(`${instances}/vm`)).json).toMatchObject({ id: latest.targetId, status: 'RUNNING' })
})

/** Machines that are nothing at all. */
function makeDriver(boot: Driver['boot']): Driver & { readonly discarded: string[] } {
  const discarded: string[] = []
  const discard: Driver['discard'] = async ({ id }) => void discarded.push(id)
  return { name: 'none', boot, reap: async () => {}, discard, discarded }
}

test('a guest that turns itself off leaves an instance that is TERMINATED', async () => {
  const off = Promise.withResolvers<void>()
  const end = async () => {}
  const driver = makeDriver(async () => ({ exited: off.promise, stop: end, kill: end }))
  await using emulator = await startEmulator({ compute: { driver } })
  const calls = openCalls(emulator.url)
  const scheduling = { maxRunDuration: { seconds: 60 }, instanceTerminationAction: 'DELETE' }
  await calls.done(await calls.post(instances, machine('vm', undefined, { scheduling })))
  off.resolve()
  await until(async () => (await calls.get(`${instances}/vm`)).json.status === 'TERMINATED')
  // A time limit is for machines that run: this one stays, and so does its disk.
  expect((await calls.get(`${instances}/vm`)).json.resourceStatus).toEqual({ scheduling: {} })
  expect(emulator.compute.disks()).toHaveLength(1)
})

test('a machine that does not boot fails its operation, and leaves nothing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const driver = makeDriver(() => Promise.reject(new Error('No image, no machine.')))
  await using emulator = await startEmulator({ compute: { driver } })
  const calls = openCalls(emulator.url)
  const done = await calls.done(await calls.post(instances, machine('vm')))
  expect(done.error).toEqual({ errors: [{ code: 'INTERNAL_ERROR', message: 'No image, no machine.' }] })
  expect(driver.discarded).toEqual([done.targetId])
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.compute.disks()).toEqual([])
})

test('a timer may be longer than the 24.8 days that the system takes', () => {
  vi.useFakeTimers()
  let fired = 0
  realClock.setTimer(120 * day, () => fired++)
  const cancel = realClock.setTimer(60 * day, () => fired++)
  vi.advanceTimersByTime(59 * day)
  cancel()
  vi.advanceTimersByTime(61 * day - 1)
  expect(fired).toBe(0)
  vi.advanceTimersByTime(1)
  expect(fired).toBe(1)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
