import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { type Ending, type Stage, setStage, writeBatch } from './stage.ts'

/** Counts to four, two at a time on the first machine, and goes on from the state that it finds. */
const count = `  - name: count
    retries: 3
    run: |
      mkdir -p state
      n=$(cat state/n 2>/dev/null || echo 0)
      echo "attempt $MAYFLY_ATTEMPT begins at $n"
      while [ "$n" -lt 4 ]; do
        n=$((n + 1)); echo "$n" > state/n.new; mv state/n.new state/n; echo "counted $n"
        if [ "$n" = 2 ]; then sleep 1000 & wait; fi
      done
`

async function start(stage: Stage, more: string) {
  await stage.write({ 'batch.yaml': writeBatch({ steps: count, more: `code: none\n${more}` }) })
  return stage.start('run-batch', '--key', 'k')
}

async function readOutcome(stage: Stage): Promise<Outcome> {
  const { stdout, stderr }: Ending = await stage.mayfly('run-batch', '--key', 'k', '--json')
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as Outcome
}

const quick = { compute: { delayMs: 0 } }

test.concurrent('a preempted machine is replaced, and the next one goes on from the checkpoint', async () => {
  await using stage = await setStage(quick)
  const running = await start(stage, 'attempts: 2\ncheckpoint: state/')
  await running.says(/counted 2/)
  stage.google.compute.preempt(stage.google.compute.instances()[0]?.name ?? '')
  const { exitCode, stdout, stderr } = await running.ended

  expect(exitCode, stderr).toBe(0)
  expect(stdout).toContain('attempt 1 begins at 0\n')
  expect(stdout).toContain('attempt 2 begins at 2\n')
  expect(stderr).toMatch(/Restored state\/: 1 file, 2 B, from attempt 1, checkpoint 1/)
  expect(stdout).toMatch(
    /before {3}attempt 1, preempted in us-central1-a: The machine was taken back by Google/,
  )
  expect(await readOutcome(stage)).toMatchObject({
    state: 'succeeded',
    attempt: 2,
    followed: true,
    earlier: [{ attempt: 1, state: 'preempted', exitCode: 71 }],
    checkpoint: { restored: expect.stringContaining('/a1/checkpoint/000001.json') },
    steps: [{ name: 'count', tries: 1 }],
  })
  stage.expectNothingLeft()
})

test.concurrent('a machine whose host fails is lost and replaced; what it had kept is not lost', async () => {
  await using stage = await setStage(quick)
  const running = await start(stage, 'attempts: 2\ncheckpoint: { path: state, every: 5s }')
  await running.says(/counted 2/)
  while (!(await stage.objects()).some((name) => name.endsWith('/checkpoint/000001.json'))) await sleep(100)
  stage.google.compute.hostError(stage.google.compute.instances()[0]?.name ?? '')
  const { exitCode, stdout, stderr } = await running.ended

  expect(exitCode, stderr).toBe(0)
  expect(stdout).toContain('attempt 2 begins at 2\n')
  expect(await readOutcome(stage)).toMatchObject({
    state: 'succeeded',
    earlier: [{ attempt: 1, state: 'lost', exitCode: 75 }],
  })
  stage.expectNothingLeft()
})

test.concurrent('without attempts left, a preempted machine is the end: 71, and the step was not tried again', async () => {
  await using stage = await setStage(quick)
  const running = await start(stage, 'attempts: 1')
  await running.says(/counted 2/)
  stage.google.compute.preempt(stage.google.compute.instances()[0]?.name ?? '')

  expect((await running.ended).exitCode).toBe(71)
  expect(await readOutcome(stage)).toMatchObject({
    state: 'preempted',
    attempt: 1,
    steps: [{ name: 'count', tries: 1 }],
  })
  stage.expectNothingLeft()
})

test.concurrent("a step's failure spends its retries and no attempt", async () => {
  await using stage = await setStage(quick)
  const steps = '  - { run: echo "try on $MAYFLY_ATTEMPT"; exit 3, retries: 2 }'
  await stage.write({ 'batch.yaml': writeBatch({ steps, more: 'code: none\nattempts: 3' }) })
  const outcome = await readOutcome(stage)
  expect(outcome).toMatchObject({
    state: 'failed',
    exitCode: 3,
    attempt: 1,
    earlier: [],
    steps: [{ tries: 3 }],
  })
  stage.expectNothingLeft()
})
