import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import { type ManifestRecord, writeRecord } from '../../core/protocol/records.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

/** A release in the depot, as upload-code leaves it. */
async function upload(files: Readonly<Record<string, string>>) {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  const script = Object.entries(files).map(
    ([name, text]) => `mkdir -p "$(dirname ${name})"; printf '%s' '${text}' > ${name}`,
  )
  const tar = execFileSync('sh', ['-c', `${script.join('\n')}; tar -cf - *; rm -r "${folder}"`], {
    cwd: folder,
  })
  const digest = createHash('sha256').update(tar).digest('hex')
  const object = `code/sha256/${digest}.tar.gz`
  await stage.objects.create(object, gzipSync(tar))
  return { name: 'recommender', tag: 'v1', commit: 'c', digest: `sha256:${digest}`, object }
}

test('code, steps, outputs, manifest and result of a run that succeeds', async () => {
  const code = await upload({
    'train.sh': 'mkdir -p model/deep; echo w > model/weights; echo b > model/deep/wörter',
    'data/a': 'x',
  })
  const bucket = await stage.open('lake')
  const machine = await stage.boot({
    code,
    env: { WHO: 'Ada', LINES: 'one\ntwo' },
    steps: [
      { name: 'train', run: 'sh train.sh; echo "$WHO $LINES $MAYFLY_STEP $MAYFLY_BATCH $MAYFLY_ATTEMPT"' },
      { name: 'score', run: 'echo 1 > scores.csv', env: { WHO: 'Bob' } },
    ],
    outputs: [
      { path: 'model/' },
      { path: 'scores.csv', name: 'scores' },
      { path: 'scores.csv', name: 'again', to: 'gs://lake/2026/' },
      { path: 'model', name: 'copy', to: 'gs://lake/models' },
      { path: 'absent', when: 'failure' },
    ],
  })
  const result = await machine.gone()

  expect(result).toMatchObject({
    by: 'machine',
    state: 'succeeded',
    exitCode: 0,
    message: 'All 2 steps succeeded.',
    began: true,
    instanceId: machine.id,
    zone: 'us-central1-a',
    steps: [
      { name: 'train', state: 'succeeded', exitCode: 0, tries: 1 },
      { name: 'score', state: 'succeeded', exitCode: 0, tries: 1 },
    ],
    outputs: [
      {
        name: 'model',
        path: 'model/',
        uri: `gs://depot/${machine.run}/a1/outputs/model/`,
        files: 2,
        bytes: 4,
      },
      { name: 'scores', uri: `gs://depot/${machine.run}/a1/outputs/scores`, files: 1, bytes: 2 },
      { name: 'again', uri: 'gs://lake/2026/scores.csv', files: 1, bytes: 2 },
      { name: 'copy', uri: 'gs://lake/models/', files: 2, bytes: 4 },
    ],
  })
  expect(result?.phases.map(({ name }) => name)).toEqual(['code', 'step: train', 'step: score', 'outputs'])
  const said = await machine.said()
  expect(said).toContain('## train\nAda one\ntwo train test 1\n## score\n# Stored ')
  expect(said).toContain(`# Stored model/: 2 files, 4 B, in gs://depot/${machine.run}/a1/outputs/model/\n`)
  expect(await machine.read(`${machine.run}/a1/outputs/model/deep/wörter`)).toBe('b\n')

  const manifest = await machine.read(runObjects.manifest(machine.run, 1))
  expect(result?.manifest).toEqual({
    object: runObjects.manifest(machine.run, 1),
    sha256: createHash('sha256').update(manifest).digest('hex'),
  })
  const { files } = JSON.parse(manifest) as ManifestRecord
  expect(files.map(({ uri }) => uri)).toContain('gs://lake/models/deep/wörter')
  const stored = await bucket.stat('2026/scores.csv')
  expect(files.find(({ output }) => output === 'again')).toEqual({
    output: 'again',
    path: 'scores.csv',
    uri: 'gs://lake/2026/scores.csv',
    size: 2,
    crc32c: stored?.crc32c,
    generation: stored?.generation,
  })
})

test('after a failed step only those that always run do, and outputs of failures are kept', async () => {
  const machine = await stage.boot({
    steps: [
      { name: 'train', run: 'echo broken > report.txt; false | cat; echo never' },
      { name: 'score', run: 'echo never' },
      { name: 'clean', run: 'echo cleaned', if: 'always' },
    ],
    outputs: [
      { path: 'model' },
      { path: 'report.txt', when: 'failure' },
      { path: 'report.txt', name: 'too', when: 'always' },
    ],
  })
  const result = await machine.gone()

  expect(result).toMatchObject({
    state: 'failed',
    reason: 'user',
    exitCode: 1,
    step: 'train',
    message: 'Step "train" failed with exit code 1. The end of its output says why.',
    steps: [{ state: 'failed', exitCode: 1 }, { state: 'skipped' }, { state: 'succeeded' }],
    outputs: [{ name: 'report.txt' }, { name: 'too' }],
  })
  const said = await machine.said()
  expect(said).toContain('cleaned\n')
  expect(said).not.toContain('never')
})

test('a step is tried again as often as it says', async () => {
  const machine = await stage.boot({
    steps: [
      { name: 'flaky', run: 'echo x >> tries; [ "$(wc -l < tries)" = 3 ]', retries: 2 },
      { name: 'hopeless', run: 'exit 7', retries: 1 },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    exitCode: 7,
    step: 'hopeless',
    steps: [
      { state: 'succeeded', tries: 3 },
      { state: 'failed', exitCode: 7, tries: 2 },
    ],
  })
  expect(result?.message).toContain('in the last of 2 tries')
  expect(await machine.said()).toContain('Trying again (2 of 2).')
})

test('a step that a signal ends is told as a shell tells it', async () => {
  const machine = await stage.boot({
    steps: [{ run: 'kill -SEGV $$' }, { run: "sh -c 'kill -9 $$'; exit $?", if: 'always' }],
  })
  expect(await machine.gone()).toMatchObject({
    exitCode: 139,
    message: 'Step "step1" failed with exit code 139 (SIGSEGV). The end of its output says why.',
    steps: [{ exitCode: 139, signal: 'SIGSEGV' }, { exitCode: 137 }],
  })
  expect(await machine.said()).toContain(
    'exit code 137 (SIGKILL). It was killed; for want of memory, most often',
  )
})

test('nothing of a step outlives it', async () => {
  const machine = await stage.boot({
    steps: [
      'sleep 1000 & echo $! > pid',
      'while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.1; done; echo "it is gone"',
    ],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })
  expect(await machine.said()).toContain('it is gone')
})

test('an output that is missing is no success, and the others are stored', async () => {
  const machine = await stage.boot({
    steps: ['mkdir -p models empty && touch models/b models/a'],
    outputs: [
      { path: 'model/' },
      { path: 'models' },
      { path: 'empty' },
      { path: 'models/c' },
      { path: '../steps' },
    ],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'outputs',
    exitCode: 74,
    outputs: [{ name: 'models', files: 2 }],
  })
  expect(result?.message.split('\n')).toEqual([
    'batch.yaml:20: the output model/ does not exist. The work directory holds empty, models.',
    'batch.yaml:22: the output empty is a folder without files. empty/ is empty.',
    'batch.yaml:23: the output models/c does not exist. models/ holds a, b.',
    expect.stringContaining('the output ../steps is outside of the work directory.'),
  ])
})

test('a step that failed stays the reason when an output is missing too', async () => {
  const machine = await stage.boot({ steps: ['exit 3'], outputs: [{ path: 'log.txt', when: 'always' }] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'user', exitCode: 3 })
  expect(result?.message).toMatch(/exit code 3.*\nbatch\.yaml:20: the output log\.txt does not exist/)
})

test('links are followed as long as they stay in the work directory', async () => {
  const machine = await stage.boot({
    steps: [
      `mkdir -p out runs/7 && echo 7 > runs/7/best
       ln -s ../runs/7 out/latest; ln -s ../runs/7/best out/best
       ln -s /etc/passwd out/passwd; ln -s /etc out/etc; ln -s nothing out/broken; ln -s . out/loop; mkfifo out/pipe`,
    ],
    outputs: [{ path: 'out' }],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded', outputs: [{ files: 2 }] })
  expect(await machine.read(`${machine.run}/a1/outputs/out/latest/best`)).toBe('7\n')
  const said = await machine.said()
  expect(said).toContain('Not stored: out/passwd is a link out of the work directory.')
  expect(said).toContain('Not stored: out/etc is a link out of the work directory.')
  expect(said).toContain('Not stored: out/broken is a link to nothing.')
  expect(said).toContain('Not stored: out/loop is a link to a folder that it is in.')
  expect(said).toContain('Not stored: out/pipe is neither a file nor a folder.')
})

test('outputs that may not be written are no success', async () => {
  await stage.open('locked')
  stage.google.deny({ bucket: 'locked', permission: 'storage.objects.create' })
  const machine = await stage.boot({
    steps: ['echo x > a'],
    outputs: [{ path: 'a', to: 'gs://locked/' }],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'outputs', exitCode: 74 })
  expect(result?.message).toMatch(
    /batch\.yaml:20: the output a could not be stored: .*gs:\/\/locked\/a.*storage\.objects\.create/,
  )
})

test('code that is not the planned one is not run', async () => {
  const code = await upload({ 'train.sh': 'echo 1' })
  const digest = `sha256:${'0'.repeat(64)}`
  const machine = await stage.boot({ code: { ...code, digest }, steps: ['echo never'] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', reason: 'unknown', exitCode: 70, began: false, steps: [] })
  expect(result?.message).toContain(`expected ${digest}, got ${code.digest}`)
})

test('code that is gone is named', async () => {
  const code = {
    name: 'recommender',
    tag: 'v9',
    commit: 'c',
    digest: 'sha256:1',
    object: 'code/sha256/1.tar.gz',
  }
  const machine = await stage.boot({ code, steps: ['echo never'] })
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'failed', exitCode: 70, began: false })
  expect(result?.message).toContain('recommender@v9 is not in the depot (gs://depot/code/sha256/1.tar.gz)')
})

test('code that is no archive is told, and what tar says of it', async () => {
  const code = { name: 'recommender', tag: 'v1', commit: 'c', digest: 'sha256:1', object: 'code/plain' }
  await stage.objects.create('code/plain', 'no archive')
  const plain = await (await stage.boot({ code, steps: ['echo never'] })).gone()
  expect(plain).toMatchObject({ state: 'failed', exitCode: 70, began: false })
  expect(plain?.message).toContain('recommender@v1 could not be unpacked: incorrect header check')

  await stage.objects.create('code/gzipped', gzipSync('no archive'.repeat(10_000)))
  const gzipped = await (
    await stage.boot({ code: { ...code, object: 'code/gzipped' }, steps: ['echo never'] })
  ).gone()
  expect(gzipped?.message).toContain('could not be unpacked: tar: ')
})

test('an attempt that another machine has is left alone', async () => {
  const started = { schema: 1, nonce: 'n', by: 'machine', instanceId: '77', zone: 'us-central1-b' }
  await stage.objects.create('runs/test/taken/a1/started.json', writeRecord(started))
  const machine = await stage.boot({ id: 'taken', steps: ['echo never'] })
  expect(await machine.gone()).toBeUndefined()
  expect(await machine.said()).toBe('')
})

test('a machine that starts for the second time says so and runs nothing', async () => {
  const machine = await stage.boot({
    id: 'twice',
    steps: ['echo once >> "$HOME/count"; cat "$HOME/count"; sleep 1000'],
  })
  await machine.says(/once/)
  // A reset is the same machine, with the same disk, that runs its script again.
  const path = `projects/acme/zones/us-central1-a/instances/${machine.id}/reset`
  const reset = await fetch(`${stage.google.url}/compute/v1/${path}`, { method: 'POST' })
  expect(reset.status).toBe(200)

  expect(await machine.gone()).toMatchObject({ state: 'lost', exitCode: 75, began: true, steps: [] })
  expect(await machine.said()).toBe('## step1\nonce\n')
})
