import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../../emulator/http.ts'
import { runPlugin } from '../runner/drone.ts'
import { readAction, runAction, startAction } from '../runner/github.ts'
import { pointers, type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const action = readAction(join(root, 'actions/run-batch/action.yml'))
const given = { project: 'acme', bucket: 'depot' }

/** A batch with a date, and a step that knows it. */
async function setScene(script: string, more = ''): Promise<Stage> {
  const stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({
      more: `code: none\nparams: { date: date }\nenv: { DATE: "\${{ params.date }}" }\n${more}`,
      steps: `  - run: '${script}'`,
    }),
  })
  return stage
}

/** How many machines there were at most at a time, and altogether. */
function countMachines({ google }: Stage) {
  const asked = google.requests().filter(({ name }) => /^compute\.instances\.(insert|delete)$/.test(name))
  // Of several asks for one end, the first counts.
  const isNew = ({ path, name }: RequestRecord, index: number) =>
    name.endsWith('insert') ||
    asked.findIndex((other) => other.path === path && other.name === name) === index
  let now = 0
  const counts = asked.filter(isNew).map(({ name }) => {
    now += name.endsWith('insert') ? 1 : -1
    return now
  })
  return { most: Math.max(...counts), all: asked.filter(({ name }) => name.endsWith('insert')).length }
}

test('a run for each day, some at a time; one that fails stops no other; again, what succeeded is found', async () => {
  await using stage = await setScene(
    'echo "day $DATE"; test "$DATE" != 2026-11-02 || test "$MAYFLY_ATTEMPT" -gt 1 || exit 9',
  )
  const ask = ['run-batch', '--backfill', '2026-11-01..2026-11-04', '--backfill-parallelism', '2']
  const first = await stage.mayfly(...ask)

  expect(first.exitCode, first.stderr).toBe(9)
  expect(first.stdout).toContain('2026-11-03  day 2026-11-03\n')
  expect(first.stdout).toContain('✘ test, date 2026-11-01 to 2026-11-04: 3 of 4 days succeeded\n')
  expect(first.stdout).toMatch(/ {2}2026-11-02 {2}failed, exit code 9 +[\d.]+ \w+ +runs\/test\/\w+\n/)
  expect(first.stderr).toMatch(
    /^2026-11-02: failed, exit code 9, in .*: Step "step 1" failed.* \(\d of 4\)$/m,
  )
  const { most, all } = countMachines(stage)
  expect(all).toBe(4)
  expect(most).toBeLessThanOrEqual(2)

  const second = await stage.mayfly(...ask)
  expect(second.exitCode).toBe(9)
  expect(second.stdout).toContain('3 of 4 days succeeded, 3 of them before\n')
  expect(countMachines(stage).all).toBe(4)

  const third = await stage.mayfly(...ask, '--retry', '--json')
  expect(third.exitCode, third.stderr).toBe(0)
  const { days } = JSON.parse(third.stdout) as { days: { day: string; followed: boolean; state: string }[] }
  expect(days.map(({ day, followed, state }) => `${day} ${state} ${followed}`)).toEqual([
    '2026-11-01 succeeded true',
    '2026-11-02 succeeded false',
    '2026-11-03 succeeded true',
    '2026-11-04 succeeded true',
  ])
  expect(countMachines(stage).all).toBe(5)
  stage.expectNothingLeft()
})

test('a key with the day in it finds what the nightly run has done; a day that is refused stops no other', async () => {
  await using stage = await setScene('echo "day $DATE"', 'key: "daily-${{ params.date }}"')
  const nightly = await stage.mayfly('run-batch', '--param', 'date=2026-11-02')
  expect(nightly.exitCode, nightly.stderr).toBe(0)
  await stage.mayfly('run-batch', '--param', 'date=2026-11-03')

  const { exitCode, stdout, stderr } = await stage.mayfly('run-batch', '--backfill', '2026-11-01..2026-11-03')
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toContain('3 of 3 days succeeded, 2 of them before')

  await stage.write({
    'batch.yaml': writeBatch({
      more: 'code: none\nparams: { date: date }\nkey: "daily-${{ params.date }}"',
      steps: '  - run: "true"',
    }),
  })
  const other = await stage.mayfly('run-batch', '--backfill', '2026-11-03..2026-11-04')
  expect(other.exitCode).toBe(65)
  expect(other.stdout).toContain('1 of 2 days succeeded')
  expect(other.stderr).toMatch(/2026-11-03: failed, exit code 65, .*The key "daily-2026-11-03" belongs to/)
  stage.expectNothingLeft()
})

test('a cancel reaches every day, and leaves no machine and nothing that begins later', async () => {
  await using stage = await setScene('echo "begun $DATE"; sleep 60')
  const running = stage.start('run-batch', '--backfill', '2026-11-01..2026-11-05', '--backfill-parallelism=2')
  await running.says(/begun 2026-11-01[\s\S]*begun 2026-11-02|begun 2026-11-02[\s\S]*begun 2026-11-01/)
  running.child.kill('SIGINT')
  const { exitCode, stdout } = await running.ended

  expect(exitCode).toBe(130)
  expect(stdout.match(/cancelled, exit code 130/g)).toHaveLength(5)
  expect(countMachines(stage).all).toBe(2)
  stage.expectNothingLeft()
})

test('GitHub: a summary with every day; the post step of a job that was killed ends all of its runs', async () => {
  await using stage = await setScene('echo "begun $DATE"; case $DATE in 2026-11-0[34]) sleep 60;; esac')
  const env = pointers(stage.env)
  const options = { cwd: stage.repository, env }
  const run = await runAction(action, {
    ...options,
    inputs: { ...given, backfill: '2026-11-01..2026-11-02', params: 'date=' },
  })
  expect(run.exitCode, run.log).toBe(0)
  expect(run.outputs).toMatchObject({ state: 'succeeded', exit_code: '0' })
  expect(JSON.parse(run.outputs.days ?? '')).toMatchObject({ '2026-11-02': { state: 'succeeded' } })
  expect(run.summary).toMatch(/\| 2026-11-01 \| succeeded \| .* \| runs\/test\/\w+ \|/)
  expect(run.post?.log).toMatch(/nothing to finish for runs\/test\/\w+ and 1 more/)

  const killed = startAction(action, {
    ...options,
    inputs: { ...given, backfill: '2026-11-03..2026-11-05' },
    patienceMs: { interrupt: 0, terminate: 0 },
  })
  await killed.sees(/begun 2026-11-03[\s\S]*begun 2026-11-04|begun 2026-11-04[\s\S]*begun 2026-11-03/)
  killed.cancel()
  const { post } = await killed.ended
  expect(post?.exitCode, post?.log).toBe(0)
  stage.expectNothingLeft()
})

test('Drone: the same settings, the same days', async () => {
  await using stage = await setScene('echo "day $DATE"')
  const settings = { ...given, backfill: 'date=2026-11-01..2026-11-02', backfill_parallelism: 1 }
  const { exitCode, log } = await runPlugin(join(root, 'dist/drone-plugins/run-batch/main.js'), {
    cwd: stage.repository,
    env: pointers(stage.env),
    settings,
  })
  expect(exitCode, log).toBe(0)
  expect(log).toContain('2 of 2 days succeeded')
  stage.expectNothingLeft()
})

test('what cannot be backfilled is told before anything is asked for', async () => {
  await using stage = await setScene('true', 'key: nightly')
  const ask = (...more: readonly string[]) =>
    stage.mayfly('run-batch', '--backfill', '2026-11-01..2026-11-02', ...more)
  expect(await ask()).toMatchObject({
    exitCode: 64,
    stderr: expect.stringMatching(
      /batch\.yaml:\d+:\d+: it names the same run for every day: expected a key with the day in it, such as nightly-\$\{\{ params\.date \}\}\./,
    ),
  })
  expect((await ask('--key', 'once')).stderr).toContain('--key: it names the same run for every day')
  expect((await ask('--no-wait')).stderr).toContain('--backfill: cannot stand beside a wait of false')
  expect((await ask('--github-record', 'status')).stderr).toContain(
    '--github-record: shows one run, and cannot stand beside --backfill',
  )
  expect((await ask('--param', 'date=today')).stderr).toContain(
    '--backfill: "date" stands for the days already',
  )
  expect((await ask('--backfill-parallelism', '0')).exitCode).toBe(64)
  const plan = await ask('--key', 'k-${{ params.date }}', '--dry-run', '--json')
  expect(JSON.parse(plan.stdout)).toMatchObject({
    param: 'date',
    days: [
      { day: '2026-11-01', key: 'k-2026-11-01' },
      { day: '2026-11-02', key: 'k-2026-11-02' },
    ],
    first: { params: { date: '2026-11-01' } },
  })
  expect(await stage.objects()).toEqual([])
  stage.expectNothingLeft()
})
