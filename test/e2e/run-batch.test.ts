import { expect, test } from 'vitest'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { type Ending, setStage, writeBatch } from './stage.ts'

function readOutcome({ stdout, stderr, exitCode }: Ending): Outcome {
  expect(stdout, `exit code ${exitCode}: ${stderr}`).not.toBe('')
  return JSON.parse(stdout) as Outcome
}

test('a tag becomes a release, and a batch runs it on a machine that is gone afterwards', async () => {
  await using stage = await setStage()
  await stage.write({
    'greet.sh': 'echo "hello $WHO"\nmkdir -p model && echo "weights for $WHO" > model/weights.txt\n',
    'batch.yaml': writeBatch({
      more: 'params: { who: { type: string, default: world } }\nenv: { WHO: "${{ params.who }}" }\noutputs: [{ path: model/, name: model }]',
      steps: '  - { name: greet, run: sh greet.sh }',
    }),
  })
  stage.tag('v1.0.0')

  const upload = await stage.mayfly('upload-code')
  expect(upload.exitCode, upload.stderr).toBe(0)
  const run = await stage.mayfly('run-batch', 'batch.yaml', '--param', 'who=Ada; rm -rf $HOME')

  expect(run.exitCode, run.stderr + run.stdout).toBe(0)
  expect(run.stdout).toContain('hello Ada; rm -rf $HOME\n')
  expect(run.stdout).toMatch(/✔ test succeeded/)
  expect(run.stdout).toMatch(/machine gone, verified \d\d:\d\d:\d\d UTC/)
  const weights = (await stage.objects()).find((name) => name.endsWith('/outputs/model/weights.txt')) ?? ''
  expect(await stage.read(weights)).toBe('weights for Ada; rm -rf $HOME\n')
  stage.expectNothingLeft()
})

test('the result says what there is to know, and --json says nothing else', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({ steps: '  - { name: one, run: echo 1 }\n  - { name: two, run: echo 2 }' }),
  })
  stage.tag('v1')
  const outcome = readOutcome(await stage.mayfly('run-batch', '--json', '--key', 'k'))

  expect(outcome).toMatchObject({
    state: 'succeeded',
    exitCode: 0,
    key: 'k',
    batch: 'test',
    attempt: 1,
    followed: false,
    machine: { zone: 'us-central1-a', type: 'e2-small', image: 'mayfly-local' },
    price: { currency: 'USD', amount: expect.any(Number), perHour: 0.016753, atMost: false },
    steps: [
      { name: 'one', state: 'succeeded', exitCode: 0 },
      { name: 'two', state: 'succeeded', exitCode: 0 },
    ],
  })
  const phases = outcome.phases.map(({ name }) => name)
  expect(phases).toEqual(expect.arrayContaining(['create', 'boot', 'step: one', 'step: two', 'delete']))
  stage.expectNothingLeft()
})

test('asking again for a key that is over reports the first run and makes no machine', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: echo ran' }) })
  stage.tag('v1')
  const first = readOutcome(await stage.mayfly('run-batch', '--json', '--key', 'daily'))
  const again = readOutcome(await stage.mayfly('run-batch', '--json', '--key', 'daily'))

  expect(again).toMatchObject({ run: first.run, state: 'succeeded', followed: true })
  expect(stage.google.requests().filter(({ name }) => name === 'compute.instances.insert')).toHaveLength(1)
  stage.expectNothingLeft()
})

test('two who ask at once for a key follow one run', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: sleep 1; echo ran' }) })
  stage.tag('v1')
  const [a, b] = await Promise.all([
    stage.mayfly('run-batch', '--json', '--key', 'k'),
    stage.mayfly('run-batch', '--json', '--key', 'k'),
  ])
  expect([readOutcome(a).state, readOutcome(b).state]).toEqual(['succeeded', 'succeeded'])
  expect(a.stderr).toContain('ran\n')
  expect(b.stderr).toContain('ran\n')
  // Both may ask Compute Engine for the machine; they ask with the same request id, which makes one.
  const inserts = stage.google.requests().filter(({ name }) => name === 'compute.instances.insert')
  expect(new Set(inserts.map(({ query }) => query)).size).toBe(1)
  expect((await stage.objects()).filter((name) => /(attempt|started|result)\.json$/.test(name))).toHaveLength(
    3,
  )
  stage.expectNothingLeft()
})

test('other inputs under a key are a conflict, 65', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({
      more: 'code: none\nparams: { n: { type: number, default: 1 } }',
      steps: '  - run: echo ran',
    }),
  })
  stage.tag('v1')
  await stage.mayfly('run-batch', '--key', 'k')
  const other = await stage.mayfly('run-batch', '--key', 'k', '--param', 'n=2')
  expect(other.exitCode).toBe(65)
  expect(other.stderr).toMatch(/"k" belongs to runs\/test\/.*terminal ada.*params/s)
  stage.expectNothingLeft()
})

test.each([
  [
    "a step's own exit code",
    '  - { name: train, run: exit 3 }',
    3,
    { state: 'failed', reason: 'user', step: 'train' },
  ],
  [
    'a step killed by a signal',
    '  - { name: train, run: kill -9 $$ }',
    137,
    { state: 'failed', reason: 'user' },
  ],
  [
    'a step that ignores SIGTERM past its timeout',
    "  - { name: train, timeout: 1s, run: trap '' TERM; sleep 60; sleep 60 }",
    124,
    { state: 'timed-out', step: 'train' },
  ],
])('%s is the exit code of the run', async (_, steps, exitCode, expected) => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps }) })
  stage.tag('v1')
  const ending = await stage.mayfly('run-batch', '--json')
  expect(ending.exitCode).toBe(exitCode)
  expect(readOutcome(ending)).toMatchObject({ exitCode, ...expected })
  expect(ending.stderr).toMatch(/error: .*train/)
  stage.expectNothingLeft()
})

test('an output that does not exist is no success: 74, with its place in the file and what there is', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({
      more: 'code: none\noutputs:\n  - { path: model/, name: model }',
      steps: '  - run: mkdir models && touch models/a',
    }),
  })
  stage.tag('v1')
  const ending = await stage.mayfly('run-batch', '--json')
  expect(ending.exitCode).toBe(74)
  expect(readOutcome(ending)).toMatchObject({ state: 'failed', reason: 'outputs' })
  expect(ending.stderr).toMatch(/batch\.yaml:\d+.*model\/.*models/s)
  stage.expectNothingLeft()
})

test('100 MB of output pass whole and in order', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - { name: loud, run: seq 1 12000000 }' }) })
  stage.tag('v1')
  const { exitCode, stdout } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(0)
  const lines = stdout.split('\n').filter((line) => /^\d+$/.test(line))
  expect(lines).toHaveLength(12_000_000)
  expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1)
  stage.expectNothingLeft()
}, 120_000)

test('a line of 1 MiB without a newline passes whole', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({ steps: '  - { name: long, run: head -c 1048576 /dev/zero | tr "\\0" x }' }),
  })
  stage.tag('v1')
  const { exitCode, stdout } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(0)
  expect(stdout.match(/x+/)?.[0]).toHaveLength(1_048_576)
  stage.expectNothingLeft()
})

test('the run outlives kill -9 of its controller, and the same command finds it', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({
      steps: `  - { name: slow, run: echo begun; until test -e ${stage.repository}/go; do sleep 0.1; done; echo done }`,
    }),
  })
  stage.tag('v1')
  const first = stage.start('run-batch')
  await first.says(/begun/)
  first.child.kill('SIGKILL')
  await first.ended

  const following = stage.start('run-batch', '--json')
  await following.says(/begun/)
  await stage.write({ go: '' })
  const second = await following.ended

  expect(second.exitCode).toBe(0)
  expect(readOutcome(second)).toMatchObject({ state: 'succeeded', followed: true })
  expect(second.stderr).toMatch(/begun\n(.|\n)*done\n/)
  expect((await stage.objects()).filter((name) => name.endsWith('/result.json'))).toHaveLength(1)
  stage.expectNothingLeft()
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s cancels the run, deletes its machine and gives %i', async (signal, code) => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - { name: slow, run: echo begun; sleep 60 }' }) })
  stage.tag('v1')
  const run = stage.start('run-batch', '--json')
  await run.says(/begun/)
  run.child.kill(signal)
  const ending = await run.ended
  expect(ending.exitCode).toBe(code)
  expect(readOutcome(ending)).toMatchObject({ state: 'cancelled', exitCode: code })
  stage.expectNothingLeft()
})

test('not waiting returns at once; runs cancel ends it, and show, list and logs tell the same', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - { name: slow, run: echo begun; sleep 60 }' }) })
  stage.tag('v1')
  const asked = readOutcome(await stage.mayfly('run-batch', '--no-wait', '--json', '--key', 'k'))
  expect(asked.state).toBe('running')
  const logs = stage.start('runs', 'logs', asked.run, '--follow')
  await logs.says(/begun/)

  const cancelled = await stage.mayfly('runs', 'cancel', asked.run, '--json')

  expect(cancelled.exitCode).toBe(0)
  expect(readOutcome(cancelled)).toMatchObject({ state: 'cancelled' })
  expect((await logs.ended).exitCode).toBe(0)
  expect(readOutcome(await stage.mayfly('runs', 'show', asked.run, '--json'))).toMatchObject({
    state: 'cancelled',
  })
  expect(JSON.parse((await stage.mayfly('runs', 'list', '--json')).stdout)).toMatchObject([
    { run: asked.run, state: 'cancelled', key: 'k' },
  ])
  const followed = await stage.mayfly('run-batch', '--json', '--key', 'k')
  expect(readOutcome(followed)).toMatchObject({ state: 'cancelled', followed: true })
  stage.expectNothingLeft()
})

test('a failed run of a key is repeated when a retry is asked for', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: exit 4' }) })
  stage.tag('v1')
  await stage.mayfly('run-batch', '--key', 'k')
  const again = readOutcome(await stage.mayfly('run-batch', '--key', 'k', '--retry', '--json'))
  expect(again).toMatchObject({ exitCode: 4, attempt: 2, followed: false })
  stage.expectNothingLeft()
})
