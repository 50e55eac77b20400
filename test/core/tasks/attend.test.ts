import { expect, test } from 'vitest'
import { CancelledError, CloudError, ConflictError } from '../../../core/errors.ts'
import { nameInstance } from '../../../core/names.ts'
import { claimRun } from '../../../core/protocol/claim.ts'
import type { ResultRecord, RunRecord } from '../../../core/protocol/records.ts'
import { attendRun } from '../../../core/tasks/run-batch/attend.ts'
import {
  makeRun,
  openRecordingLog,
  openVirtualCompute,
  openVirtualObjects,
  VirtualClock,
} from '../protocol/virtual.ts'

const path = 'runs/train/0123456789abcdef'
const wish = { jobAttempt: 1, retry: false, wait: true }

function setUp() {
  const clock = new VirtualClock()
  const objects = openVirtualObjects(clock)
  const compute = openVirtualCompute()
  const log = openRecordingLog()
  const controller = new AbortController()
  const { signal } = controller
  const bench = {
    clock,
    objects,
    compute,
    log,
    signal,
    by: 'test',
    bucket: 'depot',
    bootstrap: '#!/bin/sh\n',
  }
  const attend = async (run: RunRecord, more = {}) =>
    attendRun(bench, await claimRun(objects, run), { ...wish, ...more })
  return { ...bench, controller, attend }
}

type World = ReturnType<typeof setUp>

/** What a machine writes, without the machine. */
function speak(
  { objects, clock }: World,
  attempt: number,
  ms: number,
  say: Partial<Record<string, object>>,
): void {
  clock.after(ms, () => {
    for (const [name, record] of Object.entries(say))
      void objects.put(`${path}/a${attempt}/${name}`, `${JSON.stringify(record)}\n`)
  })
}

const fence = (instanceId: string) => ({ schema: 1, nonce: 'm', by: 'machine', instanceId, zone: 'zone-a' })

function result(parts: Partial<ResultRecord> = {}): ResultRecord {
  return {
    schema: 1,
    nonce: 'm',
    by: 'machine',
    state: 'succeeded',
    exitCode: 0,
    message: 'All steps succeeded.',
    began: true,
    zone: 'zone-a',
    steps: [],
    phases: [],
    outputs: [],
    ...parts,
  }
}

test('a run without trouble: one machine, its log in order, its result, its end', async () => {
  const world = setUp()
  speak(world, 1, 20_000, { 'started.json': fence('1') })
  speak(world, 1, 21_000, { 'logs/000001': { step: 'train' }, 'logs/000002': { output: 'epoch 1\n' } })
  speak(world, 1, 40_000, { 'logs/000003': { output: 'epoch 2\n' }, 'result.json': result() })

  const attendance = await world.attend(makeRun())

  expect(attendance.result).toMatchObject({ state: 'succeeded', by: 'machine' })
  expect(attendance.departure).toMatchObject({ gone: true })
  expect(world.log.said).toEqual(['group train', 'output epoch 1\n', 'output epoch 2\n'])
  expect(world.compute.inserted).toHaveLength(1)
  expect(world.compute.instances.size).toBe(0)
  expect(attendance.before.map(({ name }) => name)).toEqual(['create', 'boot'])
})

test('the machine carries its deadline, and nothing but names in its metadata', async () => {
  const world = setUp()
  const asked = world.clock.now()
  speak(world, 1, 1000, { 'result.json': result() })
  await world.attend(makeRun({ timeoutSeconds: 7200 }))

  const spec = world.compute.inserted[0]
  const deadline = String(asked / 1000 + 7200)
  expect(spec?.maxRunSeconds).toBe(7200)
  expect(spec?.labels).toMatchObject({ tool: 'mayfly', 'mayfly-deadline': deadline, 'mayfly-attempt': '1' })
  expect(spec?.metadata).toEqual({
    'startup-script': '#!/bin/sh\n',
    'mayfly-bucket': 'depot',
    'mayfly-run': path,
    'mayfly-attempt': '1',
    'mayfly-agent': 'f'.repeat(64),
    'mayfly-deadline': deadline,
    'mayfly-placement': '{"type":"e2-small","spot":false,"soldOut":[]}',
  })
})

test('asking again for a key that is over reports it, without a machine', async () => {
  const world = setUp()
  speak(world, 1, 1000, {
    'started.json': fence('1'),
    'result.json': result({ state: 'failed', exitCode: 3 }),
  })
  await world.attend(makeRun())

  const again = await world.attend(makeRun())

  expect(again.result).toMatchObject({ state: 'failed', exitCode: 3 })
  expect(again.attempt.fresh).toBe(false)
  expect(world.compute.inserted).toHaveLength(1)
})

test('other inputs under the same key are a conflict that names who asked first', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'result.json': result() })
  await world.attend(makeRun({ by: 'github ada', link: 'https://ci/1' }))

  const other = makeRun({ inputsDigest: 'other', params: { date: '2026-11-02' } })
  await expect(world.attend(other)).rejects.toThrow(ConflictError)
  await expect(world.attend(other)).rejects.toThrow(
    /"k" belongs to .* github ada \(https:\/\/ci\/1\).* params differ/,
  )
})

test('a machine that vanishes at work is lost, and says so once', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  world.clock.after(60_000, () => world.compute.instances.clear())

  const { result: lost } = await world.attend(makeRun())

  expect(lost).toMatchObject({ state: 'lost', exitCode: 75, by: 'controller', began: true })
  expect(world.objects.store.has(`${path}/a1/result.json`)).toBe(true)
})

test('a result that was written just before the machine went is the result', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  world.clock.after(59_999, () => {
    world.compute.instances.clear()
    void world.objects.put(`${path}/a1/result.json`, JSON.stringify(result()))
  })
  expect((await world.attend(makeRun())).result).toMatchObject({ state: 'succeeded', by: 'machine' })
})

test('with two attempts a lost machine is replaced, and the second one decides', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  world.clock.after(10_000, () => world.compute.instances.clear())
  speak(world, 2, 60_000, { 'started.json': fence('2'), 'result.json': result() })

  const attendance = await world.attend(makeRun({ attempts: 2 }))

  expect(attendance.result?.state).toBe('succeeded')
  expect(attendance.attempt.record.instance).toBe(nameInstance('train', '0123456789abcdef', 2))
  expect(world.log.said.join()).toContain('Trying again on another machine')
})

test('a machine that never boots is fenced off, diagnosed and replaced, three times at the most', async () => {
  const world = setUp()
  world.compute.console = 'grub> \nkernel panic'
  const { result: lost } = await world.attend(makeRun())

  expect(lost).toMatchObject({ state: 'lost', began: false })
  expect(lost?.message).toContain('kernel panic')
  expect(world.compute.inserted.map(({ name }) => name.slice(-2))).toEqual(['a1', 'a2', 'a3'])
  expect(world.compute.instances.size).toBe(0)
})

test('a bootstrap that gives up is believed at once', async () => {
  const world = setUp()
  world.compute.console = 'boot\nmayfly: cannot find Node 20 or a container engine\n'
  const before = world.clock.now()
  const { result: lost } = await world.attend(makeRun())
  expect(lost?.message).toContain('cannot find Node 20')
  expect(world.clock.now() - before).toBeLessThan(60_000)
})

test('a machine that outlives its deadline is sealed as timed out and deleted', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  const attendance = await world.attend(makeRun({ timeoutSeconds: 600 }))
  expect(attendance.result).toMatchObject({ state: 'timed-out', exitCode: 124, by: 'controller' })
  expect(world.compute.instances.size).toBe(0)
})

test('a machine that Google deleted at its deadline has timed out, not vanished', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  world.clock.after(601_000, () => world.compute.instances.clear())
  expect((await world.attend(makeRun({ timeoutSeconds: 600 }))).result?.state).toBe('timed-out')
})

test('a cancelled run is sealed, its machine deleted, and its exit code is the signal’s', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1') })
  world.clock.after(30_000, () => world.controller.abort(new CancelledError('SIGTERM')))
  const attendance = await world.attend(makeRun())
  expect(attendance.result).toMatchObject({ state: 'cancelled', exitCode: 143, began: true })
  expect(world.compute.instances.size).toBe(0)
})

test('a run cancelled before its machine began can never begin', async () => {
  const world = setUp()
  world.clock.after(2000, () => world.controller.abort(new CancelledError('SIGINT')))
  const attendance = await world.attend(makeRun())
  expect(attendance.result).toMatchObject({ state: 'cancelled', exitCode: 130, began: false })
  expect(
    JSON.parse(Buffer.from(world.objects.store.get(`${path}/a1/started.json`) ?? []).toString()).by,
  ).toBe('controller')
})

test('a zone without room gives way to the one that Google names', async () => {
  const world = setUp()
  world.compute.refuse = (zone) =>
    zone === 'zone-c'
      ? undefined
      : new CloudError('stockout', 'compute.instances.insert', 'full', { zonesAvailable: ['zone-c'] })
  speak(world, 1, 1000, { 'result.json': result({ zone: 'zone-c' }) })
  const run = makeRun()
  const attendance = await world.attend({
    ...run,
    machine: { ...run.machine, zones: ['zone-a', 'zone-b', 'zone-c'] },
  })
  expect(attendance.machine?.zone).toBe('zone-c')
  expect(world.log.said.join()).toContain('e2-small is sold out in zone-a. Trying zone-c.')
})

test.each([
  ['stockout', 69],
  ['quota', 73],
  ['permission', 77],
  ['invalid', 64],
] as const)('a refusal for %s ends the run with its own exit code', async (failure, exitCode) => {
  const world = setUp()
  world.compute.refuse = () => new CloudError(failure, 'compute.instances.insert', 'no')
  const { result: refused } = await world.attend(makeRun())
  expect(refused).toMatchObject({ state: 'failed', exitCode, began: false })
})

test('an insert without an answer is looked after before anything else: no other zone, no second machine', async () => {
  const world = setUp()
  const { insert } = world.compute
  world.compute.insert = async (spec) => {
    await insert.call(world.compute, spec)
    throw new CloudError('unknown', 'compute.instances.insert', 'no answer')
  }
  speak(world, 1, 1000, { 'started.json': fence('1'), 'result.json': result() })
  expect((await world.attend(makeRun())).result?.state).toBe('succeeded')
  expect(world.compute.inserted).toHaveLength(1)
})

test('a controller that died before its machine was made is succeeded by one that makes it', async () => {
  const world = setUp()
  const died = world.compute.insert
  world.compute.insert = async () => {
    throw new Error('killed')
  }
  await expect(world.attend(makeRun())).rejects.toThrow('killed')
  world.compute.insert = died
  speak(world, 1, 1000, { 'started.json': fence('1'), 'result.json': result() })

  const attendance = await world.attend(makeRun())

  expect(attendance.result?.state).toBe('succeeded')
  expect(world.compute.inserted).toHaveLength(1)
})

test('a delete that is refused is told, with the machine that remains', async () => {
  const world = setUp()
  speak(world, 1, 1000, { 'started.json': fence('1'), 'result.json': result() })
  world.compute.remove = async () => {
    throw new CloudError('permission', 'compute.instances.delete', 'denied')
  }
  const { departure } = await world.attend(makeRun())
  expect(departure).toMatchObject({
    gone: false,
    machine: { zone: 'zone-a' },
    why: 'compute.instances.delete: denied',
  })
})

test('not waiting leaves the run to itself once its machine is there', async () => {
  const world = setUp()
  const attendance = await world.attend(makeRun(), { wait: false })
  expect(attendance.result).toBeUndefined()
  expect(world.compute.instances.size).toBe(1)
})
