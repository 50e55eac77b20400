import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Fault } from '../../emulator/faults.ts'
import { runWithFault, singleFaults } from './fault-stage.ts'
import { commands, isOfCommand, judgeRest, judgeRun, setBatchStage } from './kill-stage.ts'

// A selection; scripts/kill-everywhere.ts lets every fault befall every request.
const route = 'storage.objects.insert'
const faults: readonly (readonly [string, Pick<Fault, 'route' | 'match'>])[] = [
  ['lost after', { route, match: 'name=.*/run\\.json' }],
  ['duplicated', { route, match: 'name=.*/started\\.json' }],
  ['503 after', { route, match: 'name=.*/result\\.json' }],
  ['lost after', { route: 'compute.instances.insert' }],
  ['late', { route: 'compute.instances.insert' }],
  ['rate limit', { route: 'compute.instances.insert' }],
  ['truncated', { route: 'compute.zoneOperations.wait' }],
  ['lost before', { route: 'compute.instances.delete' }],
]

test.concurrent.each(faults)(
  'one request %s, %j: one machine, one result, exit code 0',
  async (what, aim) => {
    const kind = singleFaults[what]
    if (kind === undefined) throw new Error(`there is no fault ${what}`)
    expect(await runWithFault({ ...kind, ...aim })).toEqual([])
  },
)

test.concurrent('one request in ten goes wrong, some way or other: the run does not', async () => {
  await using stage = await setBatchStage('run-batch')
  for (const [index, what] of ['lost before', 'lost after', '503 after', 'rate limit'].entries()) {
    const kind = singleFaults[what]
    if (kind) stage.google.inject({ ...kind, route: '*', chance: 0.025, seed: index + 1 })
  }
  const first = await stage.mayfly(...commands['run-batch'])
  const again = await stage.mayfly(...commands['run-batch'])
  expect(await judgeRun(stage, first, again)).toEqual([])
  expect([first.exitCode, ...judgeRest(stage)]).toEqual([0])
})

test.concurrent('an operation that Google no longer tells of is no machine that failed', async () => {
  const kind = { kind: 'status', status: 404, reason: 'notFound' } as const
  expect(await runWithFault({ ...kind, route: 'compute.zoneOperations.wait', times: 9 })).toEqual([])
})

test.concurrent('a delete that fails is asked for again', async () => {
  await using stage = await setBatchStage('run-batch', {}, 'sleep 30; ')
  const run = stage.start(...commands['run-batch'])
  await run.says(/work/)
  stage.google.compute.fail('delete', { code: 'INTERNAL_ERROR' })
  run.child.kill('SIGINT')
  const { exitCode, stdout, stderr } = await run.ended
  expect([exitCode, ...judgeRest(stage)], stderr).toEqual([130])
  expect(JSON.parse(stdout)).toMatchObject({ state: 'cancelled', machineGone: expect.any(String) })
})

test.concurrent.each([
  ['taken back by Google', 'preempt', 71, 'preempted'],
  ['lost with its host', 'hostError', 75, 'lost'],
] as const)('a machine that is %s ends the run, and is gone', async (_, what, exitCode, state) => {
  await using stage = await setBatchStage('run-batch', {}, 'sleep 30; ')
  const run = stage.start(...commands['run-batch'])
  await run.says(/work/)
  for (const { id } of stage.google.compute.instances()) stage.google.compute[what](id)
  const first = await run.ended
  const again = await stage.mayfly(...commands['run-batch'])
  expect(await judgeRun(stage, first, again)).toEqual([])
  expect([first.exitCode, JSON.parse(first.stdout).state, ...judgeRest(stage)]).toEqual([exitCode, state])
})

test.concurrent('SIGINT while a request hangs: the run is sealed and its machine deleted within the grace', async () => {
  await using stage = await setBatchStage('run-batch', {}, 'sleep 30; ')
  const run = stage.start(...commands['run-batch'])
  await run.says(/work/)
  stage.google.inject({ route: 'storage.objects.list', kind: 'hang' })
  const isHanging = () =>
    stage.google.requests().some(({ name, status }) => name === 'storage.objects.list' && !status)
  while (!isHanging()) await sleep(20)
  const began = Date.now()
  run.child.kill('SIGINT')
  const findRemoval = () =>
    stage.google
      .requests()
      .find((request) => request.name === 'compute.instances.delete' && isOfCommand(request))
  while (!findRemoval()) await sleep(20)
  expect((findRemoval()?.time ?? Number.NaN) - began).toBeLessThan(7500)
  while (stage.google.compute.instances().length > 0) await sleep(20)
  expect((await stage.objects()).filter((name) => name.endsWith('/result.json'))).toHaveLength(1)
  // The last of its kill signals; the request hangs for half a minute.
  run.child.kill('SIGKILL')
  await run.ended
  expect(judgeRest(stage)).toEqual([])
})
