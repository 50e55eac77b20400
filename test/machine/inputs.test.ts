import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import { resolveInputs } from '../../core/inputs/resolve.ts'
import { writeRecord } from '../../core/protocol/records.ts'
import type { Objects } from '../../core/world.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let lake: Objects
beforeAll(async () => {
  stage = await setStage()
  lake = await stage.open('lake')
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

/** Resolves inputs and stores their list, as the controller does. */
async function resolve(id: string, ...inputs: readonly (readonly [from: string, to: string])[]) {
  const written = inputs.map(([from, to], index) => ({ from, to, where: `batch.yaml:${index + 6}` }))
  const place = { run: `runs/test/${id}`, depot: stage.objects, open: async () => lake }
  const { list, ...resolved } = await resolveInputs(written, place)
  if (list) await stage.objects.create(list.object, list.body)
  return { id, ...resolved, inputs: [...resolved.inputs] }
}

test('an object, a folder and a pattern are there before the first step', async () => {
  await lake.put('ratings/2026-11-01/a.csv', 'a\n')
  await lake.put('ratings/2026-11-01/deep/wörter 1.csv', 'b\n')
  await lake.put('ratings/2026-11-01/deep/', '')
  await lake.put('ratings/2026-11-02/a.csv', 'c\n')
  const wish = await resolve(
    'fetch',
    ['gs://lake/ratings/2026-11-01/', 'data/'],
    ['gs://lake/ratings/*/a.csv', 'all'],
    ['gs://lake/ratings/2026-11-02/a.csv', 'today.csv'],
  )
  // What is written after the claim is not what the run gets.
  await lake.put('ratings/2026-11-03/a.csv', 'd\n')
  const machine = await stage.boot({
    ...wish,
    steps: ['find . -type f | sort | while read -r f; do echo "$f: $(cat "$f")"; done'],
  })
  const result = await machine.gone()

  expect(result).toMatchObject({ state: 'succeeded' })
  const today = await lake.stat('ratings/2026-11-02/a.csv')
  expect(result?.inputs).toEqual([
    {
      from: 'gs://lake/ratings/2026-11-01/',
      to: 'data/',
      uri: 'gs://lake/ratings/2026-11-01/',
      files: 2,
      bytes: 4,
    },
    { from: 'gs://lake/ratings/*/a.csv', to: 'all', uri: 'gs://lake/ratings/*/a.csv', files: 2, bytes: 4 },
    {
      from: 'gs://lake/ratings/2026-11-02/a.csv',
      to: 'today.csv',
      uri: 'gs://lake/ratings/2026-11-02/a.csv',
      files: 1,
      bytes: 2,
      generation: today?.generation,
    },
  ])
  expect(result?.phases.map(({ name }) => name)).toEqual(['inputs', 'step: step1'])
  expect(await machine.said()).toBe(`# Fetching 5 files, 10 B
# Fetched data/: 2 files, 4 B, from gs://lake/ratings/2026-11-01/
# Fetched all: 2 files, 4 B, from gs://lake/ratings/*/a.csv
# Fetched today.csv: 1 file, 2 B, from gs://lake/ratings/2026-11-02/a.csv
## step1
./all/2026-11-01/a.csv: a
./all/2026-11-02/a.csv: c
./data/a.csv: a
./data/deep/wörter 1.csv: b
./today.csv: c
`)
})

test("another run's output is fetched by the name that it has, and the run is named", async () => {
  const embed = await stage.boot({
    id: 'embed',
    steps: ['mkdir -p m/deep && echo w > m/weights && echo d > m/deep/d && echo 0.9 > score'],
    outputs: [{ path: 'm', name: 'model' }, { path: 'score' }],
  })
  expect(await embed.gone()).toMatchObject({ state: 'succeeded' })
  await stage.objects.put(runObjects.attempt('runs/test/embed', 1), attemptRecord)
  const wish = await resolve(
    'from-run',
    ['run:test/embed/model', 'model/'],
    ['run:test/embed/model/deep/', 'deep'],
    ['run:test/embed/score', 'last-score'],
  )
  const machine = await stage.boot({ ...wish, steps: ['cat model/weights model/deep/d deep/d last-score'] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'succeeded' })
  expect(result?.inputs).toMatchObject([
    { uri: 'gs://depot/runs/test/embed/a1/outputs/model/', files: 2, run: 'runs/test/embed' },
    { uri: 'gs://depot/runs/test/embed/a1/outputs/model/deep/', files: 1, run: 'runs/test/embed' },
    { uri: 'gs://depot/runs/test/embed/a1/outputs/score', files: 1, bytes: 4, run: 'runs/test/embed' },
  ])
  const said = await machine.said()
  expect(said).toContain('w\nd\nd\n0.9\n')
  expect(said).toContain(
    'Fetched model/: 2 files, 4 B, from gs://depot/runs/test/embed/a1/outputs/model/, of runs/test/embed',
  )
})

const attemptRecord = writeRecord({ schema: 1, nonce: 'n', number: 1, instance: 'i', jobAttempt: 1 })

test('an input that was written again since the claim is told, and nothing is run', async () => {
  await lake.put('daily.csv', 'old')
  const wish = await resolve('changed', ['gs://lake/daily.csv', 'data/'])
  await lake.put('daily.csv', 'new')
  const result = await (await stage.boot({ ...wish, steps: ['echo never'] })).gone()
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'bad-input',
    exitCode: 64,
    began: false,
    steps: [],
  })
  const { generation } = (await lake.stat('daily.csv')) ?? {}
  expect(result?.message).toMatch(
    new RegExp(
      `^batch\\.yaml:6: the input gs://lake/daily\\.csv has changed since .* generation \\d+, now it is ${generation}\\.`,
    ),
  )
})

test('an input that is gone is told', async () => {
  await lake.put('brief/a', 'x')
  const wish = await resolve('vanished', ['gs://lake/brief/', 'data/'])
  await remove('lake', 'brief/a')
  const result = await (await stage.boot({ ...wish, steps: ['echo never'] })).gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'bad-input', exitCode: 64, began: false })
  expect(result?.message).toContain('the input gs://lake/brief/a has changed since the run was claimed')
  expect(result?.message).toContain('it is gone')
})

async function remove(bucket: string, name: string): Promise<void> {
  await fetch(`${stage.google.url}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`, {
    method: 'DELETE',
  })
}

test('an input that the machine may not read is a missing permission', async () => {
  const secret = await stage.open('secret')
  await secret.put('a', 'x')
  const place = { run: 'runs/test/denied', depot: stage.objects, open: async () => secret }
  const { list, ...wish } = await resolveInputs(
    [{ from: 'gs://secret/a', to: 'a', where: 'batch.yaml:6' }],
    place,
  )
  if (list) await stage.objects.create(list.object, list.body)
  stage.google.deny({ bucket: 'secret', permission: 'storage.objects.get' })
  const machine = await stage.boot({ id: 'denied', ...wish, inputs: [...wish.inputs], steps: ['echo never'] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'permission', exitCode: 77, began: false })
  expect(result?.message).toMatch(
    /^batch\.yaml:6: the machine may not read the input gs:\/\/secret\/a: .*storage\.objects\.get/,
  )
})

test('a list of inputs that is not the planned one is not followed', async () => {
  await lake.put('one', '1')
  const { inputFiles, ...wish } = await resolve('damaged', ['gs://lake/one', 'one'])
  const body = writeRecord({
    schema: 1,
    files: [{ input: 0, path: '../../one', uri: 'gs://lake/one', size: 1 }],
  })
  await stage.objects.put(inputFiles?.object ?? '', body)
  const machine = await stage.boot({ ...wish, ...(inputFiles && { inputFiles }), steps: ['echo never'] })
  expect(await machine.gone()).toMatchObject({
    reason: 'unknown',
    began: false,
    message: expect.stringMatching(/the list of the run's inputs, is not what was planned/),
  })
})

test('neither a link of the code nor the list leads out of the work directory', async () => {
  await lake.put('two', '2')
  const list = (path: string) =>
    writeRecord({ schema: 1, files: [{ input: 0, path, uri: 'gs://lake/two', size: 1 }] })
  const body = list('../outside/two')
  const object = 'runs/test/outside/inputs/list.json'
  await stage.objects.put(object, body)
  const machine = await stage.boot({
    id: 'outside',
    inputs: [{ from: 'gs://lake/two', to: 'two', where: 'batch.yaml:6' }],
    inputFiles: { object, sha256: createHash('sha256').update(body).digest('hex') },
    steps: ['echo never'],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({ reason: 'bad-input', exitCode: 64, began: false })
  expect(result?.message).toContain('the input gs://lake/two cannot be put at ../outside/two')
})

test('a fault in the middle of a large input is got over', async () => {
  const bytes = Buffer.alloc(3_000_000, 'mayfly ')
  await lake.put('large', bytes)
  const wish = await resolve('faults', ['gs://lake/large', 'large'])
  stage.google.inject({ route: 'storage.objects.get', match: 'large.*alt=media', kind: 'truncate', times: 2 })
  stage.google.inject({ route: 'storage.objects.get', match: 'large.*alt=media', kind: 'corrupt', after: 2 })
  const machine = await stage.boot({ ...wish, steps: ['sha256sum < large'] })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })
  expect(await machine.said()).toContain(createHash('sha256').update(bytes).digest('hex'))
})
