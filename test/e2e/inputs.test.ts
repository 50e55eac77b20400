import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunRecord } from '../../core/protocol/records.ts'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import type { Lineage } from '../../core/tasks/runs/lineage.ts'
import { type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')

const embed = writeBatch({
  more: 'outputs: [{ path: model/, name: model }]',
  steps: '  - run: mkdir -p model && echo "$MAYFLY_RUN" > model/weights && echo 1 > model/score',
}).replace('name: test', 'name: embed')

const train = writeBatch({
  more: `params: { day: { type: string, default: "2026-11-01" } }
inputs:
  - { from: "gs://lake/ratings/\${{ params.day }}/", to: "data/\${{ params.day }}" }
  - { from: "run:embed/latest-success/model", to: model/ }
outputs: [{ path: seen }]`,
  steps: '  - run: cat data/*/*.csv model/weights | tee seen',
}).replace('name: test', 'name: train')

async function makeLake({ google }: Stage, files: Readonly<Record<string, string>>): Promise<void> {
  await fetch(`${google.url}/storage/v1/b?project=acme`, { method: 'POST', body: '{"name":"lake"}' })
  for (const [name, body] of Object.entries(files))
    await fetch(
      `${google.url}/upload/storage/v1/b/lake/o?uploadType=media&name=${encodeURIComponent(name)}`,
      {
        method: 'POST',
        body,
      },
    )
}

test('a batch starts from what another one has put out, and the chain leads back to its tag', async () => {
  await using stage = await setStage()
  await makeLake(stage, { 'ratings/2026-11-01/a.csv': '5\n', 'ratings/2026-11-02/a.csv': '6\n' })
  await stage.write({ 'embed.yaml': embed, 'train.yaml': train })
  stage.tag('v1')
  await stage.mayfly('upload-code')
  const first = await stage.mayfly('run-batch', 'embed.yaml', '--json', '--key', 'embed-1')
  const { run } = JSON.parse(first.stdout) as Outcome

  const dry = await stage.mayfly('run-batch', 'train.yaml', '--dry-run', '--json', '--key', 'train-1')
  expect(JSON.parse(dry.stdout)).toMatchObject({
    inputs: '3 files',
    run: { inputs: [{ resolved: { files: 1 } }, {}] },
  })
  const ended = await stage.mayfly('run-batch', 'train.yaml', '--json', '--key', 'train-1')
  const outcome = JSON.parse(ended.stdout) as Outcome
  expect(outcome).toMatchObject({
    state: 'succeeded',
    inputs: [
      { from: 'gs://lake/ratings/2026-11-01/', to: 'data/2026-11-01', files: 1, bytes: 2 },
      { from: 'run:embed/latest-success/model', files: 2, run, uri: `gs://depot/${run}/a1/outputs/model/` },
    ],
  })
  expect(await stage.read(`${outcome.run}/a1/outputs/seen`)).toBe(`5\n${run.split('/').at(-1)}\n`)

  // A newer model and other data change nothing about a run that was asked for.
  expect((await stage.mayfly('run-batch', 'embed.yaml', '--key', 'embed-2')).exitCode).toBe(0)
  await makeLake(stage, { 'ratings/2026-11-01/a.csv': '7\n' })
  const again = JSON.parse(
    (await stage.mayfly('run-batch', 'train.yaml', '--json', '--key', 'train-1')).stdout,
  ) as Outcome
  expect(again).toMatchObject({ followed: true, run: outcome.run, inputs: outcome.inputs })
  const other = await stage.mayfly('run-batch', 'train.yaml', '--param', 'day=2026-11-02', '--key', 'train-1')
  expect([other.exitCode, other.stderr]).toEqual([
    65,
    expect.stringMatching(/other inputs: inputs, params differ\./),
  ])

  const shown = await stage.mayfly('runs', 'show', outcome.run)
  expect(shown.stdout).toMatch(/input {4}model\/: 2 files, \d+ B, gs:\/\/depot\/.*, of runs\/embed\//)
  expect(shown.stdout).toMatch(
    /made of\n.*image.*\n.*code +recommender@v1, commit .*\n.*\n +input +model\/ .*\n +image +mayfly-local\n +code +recommender@v1/,
  )
  const { lineage } = JSON.parse((await stage.mayfly('runs', 'show', outcome.run, '--json')).stdout) as {
    lineage: Lineage
  }
  expect(lineage.inputs[1]?.of).toMatchObject({
    run,
    state: 'succeeded',
    code: { name: 'recommender', tag: 'v1' },
  })
  stage.expectNothingLeft()
})

test('thousands of files do not make the plan long', async () => {
  await using stage = await setStage()
  await makeLake(stage, Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`many/${n}`, `${n}`])))
  await stage.write({
    'batch.yaml': writeBatch({
      more: 'code: none\ninputs: [{ from: "gs://lake/many/", to: many }]',
      steps: '  - run: ls many | wc -l; cat many/1999',
    }),
  })
  const dry = await stage.mayfly('run-batch', '--dry-run', '--key', 'k')
  expect(dry.stdout.length).toBeLessThan(4000)
  const ended = await stage.mayfly('run-batch', '--key', 'k')
  expect(ended.stdout).toMatch(/^2000\n1999/m)
  const record = (await stage.objects()).find((name) => name.endsWith('/run.json')) ?? ''
  const run = JSON.parse(await stage.read(record)) as RunRecord
  expect(run.inputs).toMatchObject([{ resolved: { files: 2000, bytes: 6890 } }])
  expect(JSON.stringify(run).length).toBeLessThan(4000)
  stage.expectNothingLeft()
})

test.each([
  [
    'gs://lake/ratings',
    'there is no such object, but there is a folder of this name: write a "/" at its end.',
  ],
  ['gs://lake/ratings/2026-11-03/', 'no object is there. gs://lake/ratings/ holds 2026-11-01/, 2026-11-02/.'],
  ['gs://lake/*/*.tsv', 'no object matches. gs://lake/ holds ratings/.'],
  ['gs://lake/ratings/x.csv', 'there is no such object. gs://lake/ratings/ holds 2026-11-01/, 2026-11-02/.'],
  ['run:embde/latest-success/model', 'there is no run of embde in gs://depot. Did you mean "embed"?'],
  ['run:embed/latest-success/mdoel', 'has no output mdoel. Did you mean "model"?'],
  ['run:embed/latest-success/model/wieghts', 'has no wieghts among its 2 files. Did you mean "weights"?'],
  ['run:embed/latest-success/model/*.bin', 'has no *.bin among its 2 files.'],
  [
    'run:failing/latest-success/model',
    'no run of failing has ever succeeded; of 1 in gs://depot the newest, runs/failing/',
  ],
  ['run:embed/0123456789abcdef/model', 'there is no run runs/embed/0123456789abcdef in gs://depot.'],
])('%s: an input that stands for nothing is answered before anything is done', async (from, message) => {
  await using stage = await setStage()
  await makeLake(stage, { 'ratings/2026-11-01/a.csv': '5\n', 'ratings/2026-11-02/a.csv': '6\n' })
  const failing = embed.replace('name: embed', 'name: failing').replace('run: ', 'run: exit 1; ')
  const more = `code: none\ninputs:\n  - { from: "${from}", to: data/ }`
  await stage.write({
    'embed.yaml': embed.replace('outputs:', 'code: none\noutputs:'),
    'failing.yaml': failing.replace('outputs:', 'code: none\noutputs:'),
    'batch.yaml': writeBatch({ more, steps: '  - run: echo never' }),
  })
  if (from.startsWith('run:')) {
    await stage.mayfly('run-batch', 'embed.yaml')
    if (from.includes('failing')) await stage.mayfly('run-batch', 'failing.yaml')
  }
  const before = (await stage.objects()).length
  const { exitCode, stderr } = await stage.mayfly('run-batch')
  expect(stderr).toContain(message)
  expect(stderr).toMatch(/batch\.yaml:6:7/)
  expect(exitCode).toBe(64)
  expect((await stage.objects()).length).toBe(before)
  stage.expectNothingLeft()
})

test('two inputs for one place are refused, and a bucket that is not there is named', async () => {
  await using stage = await setStage()
  await makeLake(stage, { 'a/x': '1', 'b/x': '2' })
  const more =
    'code: none\ninputs:\n  - { from: "gs://lake/a/", to: data }\n  - { from: "gs://lake/b/", to: data/ }'
  await stage.write({ 'batch.yaml': writeBatch({ more, steps: '  - run: echo never' }) })
  const clash = await stage.mayfly('run-batch')
  expect([clash.exitCode, clash.stderr]).toEqual([
    64,
    expect.stringContaining('batch.yaml:7:7: gs://lake/b/x and gs://lake/a/x both go to data/x.'),
  ])
  await stage.write({
    'batch.yaml': writeBatch({ more: more.replaceAll('lake', 'laek'), steps: '  - run: echo' }),
  })
  const absent = await stage.mayfly('run-batch')
  expect([absent.exitCode, absent.stderr]).toEqual([
    64,
    expect.stringMatching(/gs:\/\/laek\/.*bucket does not exist/),
  ])
  stage.expectNothingLeft()
})

test('the example that starts from the last model does', async () => {
  await using stage = await setStage()
  await cp(join(root, 'examples/penguins'), stage.repository, { recursive: true })
  for (const file of ['batch.yaml', 'batch.check.yaml']) {
    const text = await readFile(join(stage.repository, file), 'utf8')
    const local = text
      .replace(/image: ml-batch.*/, 'image: mayfly-local')
      .replace(/zones: .*/, 'zones: [us-central1-a]')
    await stage.write({ [file]: local })
  }
  stage.tag('v1')
  expect((await stage.mayfly('upload-code')).exitCode).toBe(0)
  const early = await stage.mayfly('run-batch', 'batch.check.yaml')
  expect([early.exitCode, early.stderr]).toEqual([
    64,
    expect.stringContaining('there is no run of train-penguins'),
  ])
  expect((await stage.mayfly('run-batch', 'batch.yaml')).exitCode).toBe(0)
  const checked = await stage.mayfly('run-batch', 'batch.check.yaml', '--json')
  const { outputs, inputs } = JSON.parse(checked.stdout) as Outcome
  expect(inputs).toMatchObject([{ to: 'model/', run: expect.stringMatching(/^runs\/train-penguins\//) }])
  expect(outputs).toMatchObject([{ name: 'metrics.json', files: 1 }])
  stage.expectNothingLeft()
})
