import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPushedClock } from '../emulator/compute-clock.ts'
import { commands, judgeRest, judgeRun, setBatchStage } from './kill-stage.ts'

const command = commands['run-batch']

test('with everyone dead who knew of it, a machine ends at its deadline, and the next who asks is told', async () => {
  const clock = openPushedClock()
  await using stage = await setBatchStage('run-batch', { now: clock.now, compute: { clock } }, 'sleep 1000; ')
  const run = stage.start(...command)
  await run.says(/work/)
  while ((await stage.works()) === 0) await sleep(20)
  // As Drone cancels.
  run.child.kill('SIGKILL')
  const first = await run.ended
  const [{ id = '' } = {}] = stage.google.compute.instances()
  const agent = execFileSync('pgrep', ['-f', `agent.mjs .*${id}`], { encoding: 'utf8' }).trim()
  process.kill(Number(agent), 'SIGKILL')
  expect(stage.google.compute.instances()).toMatchObject([{ id, status: 'RUNNING' }])

  clock.push(600_000)
  while (stage.google.compute.instances().length > 0) await sleep(20)
  const again = await stage.mayfly(...command)
  expect(await judgeRun(stage, first, again)).toEqual([])
  expect(judgeRest(stage)).toEqual([])
  expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([124, { state: 'timed-out' }])
}, 60_000)

test.concurrent.each([-2, 2])("clocks that are %i hours off Google's change nothing", async (hours) => {
  const now = () => Date.now() + hours * 3_600_000
  // Longer than the five seconds between two looks at a machine.
  await using stage = await setBatchStage('run-batch', { now }, 'sleep 7; ')
  const first = await stage.mayfly(...command)
  const again = await stage.mayfly(...command)
  expect(await judgeRun(stage, first, again)).toEqual([])
  expect([first.exitCode, ...judgeRest(stage)]).toEqual([0])
})

test.concurrent('a machine whose script never begins is given up after ten minutes, and makes way for another', async () => {
  const clock = openPushedClock()
  await using stage = await setBatchStage('run-batch', { now: clock.now, compute: { clock } }, '', '30m')
  stage.google.compute.silence()
  const run = stage.start(...command)
  // The first list is of one who waits for it to begin.
  const isWaitedFor = () => stage.google.requests().some(({ name }) => name === 'storage.objects.list')
  while (!isWaitedFor()) await sleep(20)
  clock.push(11 * 60_000)
  const { exitCode, stdout, stderr } = await run.ended
  expect([exitCode, await stage.works(), ...judgeRest(stage)], stderr).toEqual([0, 1])
  expect(JSON.parse(stdout)).toMatchObject({ state: 'succeeded', attempt: 2 })
  expect(stderr).toMatch(/did not start its work.*No startup scripts to run/s)
})
