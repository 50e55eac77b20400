import { expect, test } from 'vitest'
import { CloudError } from '../../../core/errors.ts'
import { nameInstance } from '../../../core/names.ts'
import { claimRun } from '../../../core/protocol/claim.ts'
import { attendRun } from '../../../core/tasks/run-batch/attend.ts'
import type { Clock } from '../../../core/world.ts'
import {
  makeRun,
  openRecordingLog,
  openVirtualCompute,
  openVirtualObjects,
  VirtualClock,
} from '../protocol/virtual.ts'

const path = 'runs/train/0123456789abcdef'
const labels = { tool: 'mayfly', 'mayfly-run': '0123456789abcdef' }

/** `skewMs`: how far the caller's clock is ahead of Google's. */
function setUp(skewMs = 0) {
  const clock = new VirtualClock()
  const objects = openVirtualObjects(clock)
  const compute = openVirtualCompute()
  compute.remove = async (_, id) => {
    for (const [key, instance] of compute.instances) if (instance.id === id) compute.instances.delete(key)
  }
  const own: Clock = { now: () => clock.now() + skewMs, sleep: (ms, signal) => clock.sleep(ms, signal) }
  const bench = { clock, objects, compute, log: openRecordingLog(), signal: new AbortController().signal }
  const attend = async (jobAttempt = 1) =>
    attendRun(
      { ...bench, clock: own, by: 'test', bucket: 'depot', bootstrap: '#!/bin/sh\n' },
      await claimRun(objects, makeRun()),
      { jobAttempt, retry: false, wait: true },
    )
  const put = (name: string, record: object) =>
    void objects.put(`${path}/${name}`, `${JSON.stringify(record)}\n`)
  const place = (id: string, attempt: number, zone: string, status = 'RUNNING') => {
    const name = nameInstance('train', '0123456789abcdef', attempt)
    compute.instances.set(id, { name, id, zone, labels, status })
    return name
  }
  return { ...bench, attend, put, place }
}

const fence = { schema: 1, nonce: 'm', by: 'machine', instanceId: '7', zone: 'zone-b' }

const lost = {
  schema: 1,
  nonce: 'c',
  by: 'controller',
  state: 'lost',
  exitCode: 75,
  message: 'The machine was lost.',
  began: true,
  zone: 'zone-a',
  steps: [],
  phases: [],
  outputs: [],
}

const succeeded = {
  ...lost,
  nonce: 'm',
  by: 'machine',
  state: 'succeeded',
  exitCode: 0,
  message: 'Done.',
  zone: 'zone-b',
}

test('of two machines that two callers made at once, the one that entered the fence is followed', async () => {
  const world = setUp()
  const { clock, compute, put, place } = world
  clock.after(5000, () => {
    place('7', 1, 'zone-b')
    put('a1/started.json', fence)
  })
  // Our own finds the fence taken, and goes.
  clock.after(20_000, () => void compute.instances.delete(nameInstance('train', '0123456789abcdef', 1)))
  clock.after(60_000, () => put('a1/result.json', succeeded))
  clock.after(61_000, () => void compute.instances.delete('7'))

  const { result, departure } = await world.attend()

  expect(result).toMatchObject({ state: 'succeeded', zone: 'zone-b' })
  expect(departure).toMatchObject({ gone: true })
})

test('a sealed run names the zone of the machine that had begun, and that one is deleted', async () => {
  const world = setUp()
  const { clock, compute, put, place } = world
  clock.after(5000, () => {
    place('7', 1, 'zone-b')
    put('a1/started.json', fence)
  })
  clock.after(30_000, () => place('7', 1, 'zone-b', 'TERMINATED'))

  const { result, departure } = await world.attend()

  expect(result).toMatchObject({ state: 'lost', began: true, zone: 'zone-b' })
  expect(departure).toMatchObject({ gone: true })
  expect([...compute.instances.values()].map(({ zone }) => zone)).toEqual(['zone-a'])
})

test('the machine of a sealed attempt is ended before the next attempt is opened', async () => {
  const world = setUp()
  const { clock, objects, compute, put, place } = world
  await claimRun(objects, makeRun())
  const name = place('7', 1, 'zone-a', 'TERMINATED')
  put('a1/attempt.json', { schema: 1, nonce: 'x', number: 1, instance: name, jobAttempt: 1 })
  put('a1/result.json', lost)
  clock.after(10_000, () => put('a2/result.json', succeeded))

  const { attempt } = await world.attend(2)

  expect(attempt.record.number).toBe(2)
  expect(compute.instances.has('7')).toBe(false)
})

test('a console that cannot be read does not end the following', async () => {
  const world = setUp()
  const { clock, compute, put } = world
  compute.serialTail = () => Promise.reject(new CloudError('not-found', 'getSerialPortOutput', 'it has gone'))
  clock.after(30_000, () => put('a1/result.json', succeeded))

  const { result } = await world.attend()

  expect(result).toMatchObject({ state: 'succeeded' })
})

test('a caller whose clock is hours ahead gives up neither a machine that boots nor one that works', async () => {
  const world = setUp(2 * 3_600_000)
  const { clock, put } = world
  clock.after(60_000, () => put('a1/started.json', { ...fence, zone: 'zone-a' }))
  clock.after(600_000, () => put('a1/result.json', { ...succeeded, zone: 'zone-a' }))

  const { result } = await world.attend()

  expect(result).toMatchObject({ state: 'succeeded' })
})
