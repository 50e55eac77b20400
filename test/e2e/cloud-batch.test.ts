import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { type Stage, setStage, writeBatch } from './stage.ts'

const quick = { compute: { delayMs: 0 }, batch: { retryMs: 50 } }

function writeJob(parts: {
  readonly steps: string
  readonly tasks: string
  readonly more?: string
  readonly timeout?: string
}): string {
  const { steps, tasks, more = '', timeout = '10m' } = parts
  return writeBatch({ steps, timeout, more: `code: none\nengine: cloud-batch\ntasks: ${tasks}\n${more}` })
}

async function readOutcome(stage: Stage, ...args: readonly string[]): Promise<Outcome> {
  const { stdout, stderr } = await stage.mayfly('run-batch', '--key', 'k', '--json', ...args)
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as Outcome
}

/** A step that says something in a bucket of the local cloud's, beside the outputs: it counts what really ran. */
async function readSaid(stage: Stage): Promise<readonly string[]> {
  const names = (await stage.objects()).filter((name) => name.startsWith('said/'))
  const said = await Promise.all(names.map(async (name) => (await stage.read(name)).trim()))
  return said.sort()
}

const say = `curl -sS --fail -o /dev/null -X POST --data-binary "$MAYFLY_TASK_INDEX $MAYFLY_ATTEMPT" "$STORAGE_EMULATOR_HOST/upload/storage/v1/b/depot/o?uploadType=media&name=said/$MAYFLY_TASK_INDEX-$$"`

test.concurrent('tasks see their number, their count and their row, and what they make is kept apart', async () => {
  await using stage = await setStage(quick)
  const steps = `  - env: { WHO: "\${{ task.name }} of \${{ task.count }}" }
    run: echo "$MAYFLY_TASK_INDEX/$BATCH_TASK_COUNT $WHO, $color" | tee said
`
  const more =
    'outputs:\n  - { path: said, to: "gs://depot/said/${{ task.index }}/" }\n  - { path: said, name: kept }'
  await stage.write({
    'batch.yaml': writeJob({ steps, more, tasks: '{ rows: rows.csv, parallelism: 2 }' }),
    'rows.csv': 'name,color\nada,red\n"b, c",green\nmax,"light ""blue"""\n',
  })
  const { exitCode, stdout, stderr } = await stage.mayfly('run-batch', '--key', 'k')
  expect(exitCode, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/tasks {4}3: 3 succeeded/)
  expect(stdout).toMatch(/machine gone, verified/)
  expect(await readSaid(stage)).toEqual([
    '0/3 ada of 3, red',
    '1/3 b, c of 3, green',
    '2/3 max of 3, light "blue"',
  ])

  const outcome = await readOutcome(stage)
  expect(outcome).toMatchObject({
    state: 'succeeded',
    exitCode: 0,
    followed: true,
    tasks: { count: 3, unfinished: '' },
  })
  const kept = (await stage.objects()).filter((name) => /^tasks\/test\/.*\/outputs\/kept$/.test(name))
  expect(kept.map((name) => name.split('/')[4])).toEqual(['t000000', 't000001', 't000002'])
  const log = await stage.mayfly('runs', 'logs', outcome.run, '--task', '1')
  expect(log.stdout).toContain('1/3 b, c of 3, green')
  const show = await stage.mayfly('runs', 'show', outcome.run)
  expect(show.stdout).toMatch(/tasks {4}3: 3 succeeded/)
  stage.expectNothingLeft()
})

test.concurrent('half of the tasks fail: the rest goes on, all is told, and only what failed is run again', async () => {
  await using stage = await setStage(quick)
  const steps = `  - run: |
      ${say}
      if [ "$((MAYFLY_TASK_INDEX % 2))" = 1 ] && [ ! -e "$HOME/../../mended" ]; then echo "no luck"; exit 9; fi
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 6, parallelism: 3 }' }) })
  const { exitCode, stdout, stderr } = await stage.mayfly('run-batch', '--key', 'k')
  expect(exitCode, stdout + stderr).toBe(9)
  expect(stdout).toMatch(/tasks {4}6: 3 succeeded, 3 failed/)
  expect(stdout).toMatch(/failed {3}1,3,5/)
  expect(stderr).toMatch(/Task 3: Step "step 1" failed with exit code 9/)
  expect(await readSaid(stage)).toEqual(['0 1', '1 1', '2 1', '3 1', '4 1', '5 1'])
  const first = await readOutcome(stage)
  expect(first).toMatchObject({
    state: 'failed',
    reason: 'user',
    tasks: { count: 6, classes: { succeeded: 3, user: 3 }, unfinished: '1,3,5' },
  })
  const log = await stage.mayfly('runs', 'logs', first.run, '--task', '3')
  expect(log.stdout).toContain('no luck')

  await writeFile(`${stage.google.stateDir}/mended`, '')
  const again = await stage.mayfly('run-batch', '--retry-failed', first.run, '--json')
  expect(again.exitCode, again.stderr).toBe(0)
  expect(JSON.parse(again.stdout)).toMatchObject({
    run: first.run,
    attempt: 2,
    state: 'succeeded',
    earlier: [{ attempt: 1, state: 'failed', exitCode: 9 }],
    tasks: { count: 6, classes: { succeeded: 6 }, unfinished: '' },
  })
  expect((await readSaid(stage)).length).toBe(9)
  stage.expectNothingLeft()
})

test.concurrent('a task whose spot machine is taken away is given to another one, within its attempts', async () => {
  await using stage = await setStage({ ...quick, compute: { delayMs: 0, shutdownMs: 30_000 } })
  const steps = `  - run: |
      ${say}
      echo "begun by $MAYFLY_ATTEMPT"
      if [ "$MAYFLY_TASK_INDEX$MAYFLY_ATTEMPT" = 11 ]; then sleep 1000 & wait; fi
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 2 }', more: 'attempts: 2' }) })
  const running = stage.start('run-batch', '--key', 'k', '--json')
  while ((await readSaid(stage)).length < 2) await sleep(100)
  while (stage.google.compute.instances().length > 1) await sleep(100)
  stage.google.compute.preempt(stage.google.compute.instances()[0]?.name ?? '')
  const { exitCode, stdout, stderr } = await running.ended
  expect(exitCode, stderr).toBe(0)
  const outcome = JSON.parse(stdout) as Outcome
  expect(outcome).toMatchObject({ state: 'succeeded', attempt: 1, tasks: { classes: { succeeded: 2 } } })
  expect(await readSaid(stage)).toEqual(['0 1', '1 1', '1 2'])
  expect((await stage.mayfly('runs', 'logs', outcome.run, '--task', '1')).stdout).toBe('begun by 2\n')
  stage.expectNothingLeft()
})

test.concurrent('without attempts left, a preempted task has no second machine do its work', async () => {
  await using stage = await setStage({ ...quick, compute: { delayMs: 0, shutdownMs: 30_000 } })
  const steps = `  - run: |
      ${say}
      sleep 1000 & wait
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 1 }' }) })
  const running = stage.start('run-batch', '--key', 'k')
  while ((await readSaid(stage)).length < 1) await sleep(100)
  stage.google.compute.preempt(stage.google.compute.instances()[0]?.name ?? '')
  const { exitCode, stdout } = await running.ended
  expect(exitCode, stdout).toBe(71)
  expect(stdout).toMatch(/tasks {4}1: 1 preempted/)
  expect(await readSaid(stage)).toEqual(['0 1'])
  stage.expectNothingLeft()
})

test.concurrent('a controller that is killed while tasks run is followed by the next one: nothing runs twice', async () => {
  await using stage = await setStage(quick)
  const steps = `  - run: |
      ${say}
      while [ ! -e "$HOME/../../go" ]; do sleep 0.1; done
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 4, parallelism: 2 }' }) })
  const first = stage.start('run-batch', '--key', 'k')
  while ((await readSaid(stage)).length < 2) await sleep(100)
  first.child.kill('SIGKILL')
  await first.ended
  const second = stage.start('run-batch', '--key', 'k', '--json')
  await second.says(/Found run/)
  await writeFile(`${stage.google.stateDir}/go`, '')
  const { exitCode, stdout, stderr } = await second.ended
  expect(exitCode, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    followed: true,
    attempt: 1,
    tasks: { classes: { succeeded: 4 } },
  })
  expect(await readSaid(stage)).toEqual(['0 1', '1 1', '2 1', '3 1'])
  stage.expectNothingLeft()
})

test.concurrent('a job that someone deletes is a lost run, and says so', async () => {
  await using stage = await setStage(quick)
  const steps = `  - run: |
      ${say}
      if [ "$MAYFLY_TASK_INDEX" != 0 ]; then sleep 1000 & wait; fi
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 3, parallelism: 1 }' }) })
  const running = stage.start('run-batch', '--key', 'k')
  while ((await readSaid(stage)).length < 2) await sleep(100)
  const jobs = `${stage.google.url}/v1/projects/acme/locations/us-central1/jobs`
  const { jobs: [job] = [] } = (await (await fetch(jobs)).json()) as { jobs?: { name: string }[] }
  await fetch(`${stage.google.url}/v1/${job?.name}`, { method: 'DELETE' })
  const { exitCode, stdout } = await running.ended
  expect(exitCode, stdout).toBe(75)
  expect(stdout).toMatch(
    /tasks {4}3: 1 succeeded, 1 (preempted|lost), 1 lost|tasks {4}3: 1 succeeded, 2 lost/,
  )
  expect(stdout).toMatch(/deleted by someone/)
  expect(await readOutcome(stage)).toMatchObject({
    state: 'lost',
    exitCode: 75,
    tasks: { unfinished: '1-2' },
  })
  stage.expectNothingLeft()
})

test.concurrent('a quota of nothing ends the run at once; a sold out region when patience is over', async () => {
  await using stage = await setStage(quick)
  const steps = '  - run: exit 0'
  const batch = writeJob({ steps, tasks: '{ count: 2 }' })
  await stage.write({ 'batch.yaml': batch, 'patient.yaml': batch.replace('zones:', 'patience: 0s, zones:') })
  stage.google.compute.quota('CPUS', { region: 'us-central1' })
  const quota = await stage.mayfly('run-batch', '--key', 'k')
  expect(quota.exitCode, quota.stderr).toBe(73)
  expect(quota.stderr).toMatch(/Quota 'CPUS' exceeded.*Ask for more of it/)
  stage.google.compute.relieve()
  for (const zone of ['us-central1-a', 'us-central1-b']) stage.google.compute.stockout(zone)
  const stockout = await stage.mayfly('run-batch', 'patient.yaml', '--key', 'p')
  expect(stockout.exitCode, stockout.stderr).toBe(69)
  expect(stockout.stdout).toMatch(/tasks {4}2: 2 stockout/)
  stage.expectNothingLeft()
})

test.concurrent('an image without an agent of Batch is a lost run, once patience is over', async () => {
  await using stage = await setStage({ ...quick, batch: { retryMs: 50, silenceMs: 200 } })
  stage.google.compute.silence(1000)
  const batch = writeJob({ steps: '  - run: exit 0', tasks: '{ count: 1 }' })
  await stage.write({ 'batch.yaml': batch.replace('zones:', 'patience: 0s, zones:') })
  const { exitCode, stderr } = await stage.mayfly('run-batch', '--key', 'k')
  expect(exitCode, stderr).toBe(75)
  expect(stderr).toMatch(/No Batch agent reported.*An image has to bring a current agent of Batch's/)
  stage.expectNothingLeft()
})

test.concurrent('a run is cancelled by someone else, and the one who follows it hears of it', async () => {
  await using stage = await setStage(quick)
  const steps = `  - run: |
      ${say}
      sleep 1000 & wait
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 2 }' }) })
  const running = stage.start('run-batch', '--key', 'k')
  while ((await readSaid(stage)).length < 2) await sleep(100)
  const cancel = await stage.mayfly('runs', 'cancel', 'test')
  expect(cancel.exitCode, cancel.stderr).toBe(0)
  const { exitCode, stdout } = await running.ended
  expect(exitCode, stdout).toBe(130)
  expect(stdout).toMatch(/tasks {4}2: 2 cancelled/)
  stage.expectNothingLeft()
})

test.concurrent('SIGINT cancels the job, and whoever asks again is told so', async () => {
  await using stage = await setStage(quick)
  const steps = `  - run: |
      ${say}
      sleep 1000 & wait
`
  await stage.write({ 'batch.yaml': writeJob({ steps, tasks: '{ count: 5, parallelism: 2 }' }) })
  const running = stage.start('run-batch', '--key', 'k')
  while ((await readSaid(stage)).length < 2) await sleep(100)
  running.child.kill('SIGINT')
  expect((await running.ended).exitCode).toBe(130)
  expect(await readOutcome(stage)).toMatchObject({
    state: 'cancelled',
    exitCode: 130,
    tasks: { unfinished: '0-4' },
  })
  stage.expectNothingLeft()
})

test.concurrent('the plan is the job, exactly', async () => {
  await using stage = await setStage(quick)
  await stage.write({
    'batch.yaml': writeJob({
      steps: '  - run: exit 0',
      tasks: '{ count: 200, parallelism: 50 }',
      timeout: '1h',
    }),
  })
  const { stdout, stderr } = await stage.mayfly('run-batch', '--key', 'k', '--dry-run', '--json')
  const { job } = JSON.parse(stdout || stderr) as { job: { job: object; location: string } }
  expect(job).toMatchObject({
    location: 'us-central1',
    job: {
      taskGroups: [
        { taskCount: '200', parallelism: '50', taskSpec: { maxRunDuration: '3600s', maxRetryCount: 2 } },
      ],
    },
  })
  expect(await stage.objects()).toEqual([])
  stage.expectNothingLeft()
})
