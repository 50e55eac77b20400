import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { setStage, writeBatch } from './stage.ts'

test('a batch file with a typo is answered with file, line, column and the nearest word', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': `${writeBatch({ steps: '  - { name: a, rnu: echo 1 }' })}tiemout: 1h\n` })
  stage.tag('v1')
  const { exitCode, stderr, stdout } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(64)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/batch\.yaml:6:16: .*"?rnu"?.*"run"/)
  expect(stderr).toMatch(/batch\.yaml:7:1: .*tiemout.*"timeout"/)
  expect(stage.google.requests()).toEqual(
    expect.not.arrayContaining([expect.objectContaining({ name: 'compute.instances.insert' })]),
  )
  stage.expectNothingLeft()
})

test('an unknown image is answered at its place in the batch file', async () => {
  await using stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({ steps: '  - run: echo' }).replace('mayfly-local', 'mayfly-lcoal'),
  })
  stage.tag('v1')
  const { exitCode, stderr } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(/batch\.yaml:2:12: .*mayfly-lcoal/)
  stage.expectNothingLeft()
})

test('a release that is not there is answered with what to do', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ more: 'code: recommender@v9', steps: '  - run: echo' }) })
  stage.tag('v1')
  const { exitCode, stderr } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(/no release recommender@v9 in gs:\/\/depot.*upload-code/i)
})

test.each(['upload-code', 'run-batch'])('%s: a bucket that does not exist is named', async (task) => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ more: '', steps: '  - run: echo' }) })
  stage.tag('v1')
  const { exitCode, stderr } = await stage.mayfly(task, '--bucket', 'no-such-bucket')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(/no-such-bucket/)
  stage.expectNothingLeft()
})

test('a bucket that may not be written is a missing permission, 77, and the permission is named', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: echo' }) })
  stage.tag('v1')
  stage.google.deny({ bucket: 'depot', permission: 'storage.objects.create' })
  const upload = await stage.mayfly('upload-code')
  expect([upload.exitCode, upload.stderr]).toEqual([77, expect.stringMatching(/storage\.objects\.create/)])
  const run = await stage.mayfly('run-batch')
  expect([run.exitCode, run.stderr]).toEqual([77, expect.stringMatching(/storage\.objects\.create/)])
  stage.expectNothingLeft()
})

test('a tag that does not exist names the nearest', async () => {
  await using stage = await setStage()
  stage.tag('v1.0.0')
  const { exitCode, stderr } = await stage.mayfly('upload-code', '--tag', 'v1.0.1')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(/--tag: there is no tag "v1\.0\.1".*"v1\.0\.0"/)
  expect(await stage.objects()).toEqual([])
})

test('a moved tag is refused with both digests and commits, 65, and nothing changes', async () => {
  await using stage = await setStage()
  await stage.write({ 'a.txt': 'one' })
  stage.tag('v1')
  await stage.mayfly('upload-code')
  const before = await stage.objects()
  const first = stage.git('rev-parse', 'v1').trim()
  await stage.write({ 'a.txt': 'two' })
  stage.git('tag', '--delete', 'v1')
  stage.tag('v1')
  const { exitCode, stderr } = await stage.mayfly('upload-code')
  expect(exitCode).toBe(65)
  expect(stderr).toContain(first)
  expect(stderr).toContain(stage.git('rev-parse', 'v1').trim())
  expect(stderr.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(3)
  expect(await stage.objects()).toEqual(before)
})

test('half local and half real is refused', async () => {
  await using stage = await setStage()
  stage.tag('v1')
  Object.assign(stage.env, { CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: '' })
  const { exitCode, stderr } = await stage.mayfly('upload-code')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(/CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: must be set too/)
})

test('without credentials nothing is done, 77, and every way to have some is named', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: echo' }) })
  stage.tag('v1')
  const cloud = { STORAGE_EMULATOR_HOST: '', CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: '' }
  // Nobody listens there, on whatever machine the test runs.
  Object.assign(stage.env, { ...cloud, GCE_METADATA_HOST: '127.0.0.1:1' })
  for (const task of ['upload-code', 'run-batch']) {
    const { exitCode, stderr } = await stage.mayfly(task)
    expect([exitCode, stderr]).toEqual([
      77,
      expect.stringMatching(/gcloud auth.*google-github-actions\/auth/),
    ])
  }
  stage.expectNothingLeft()
})

test.each([0, 60, 120, 180, 240, 300, 360])(
  'Ctrl-C after %i ms leaves no machine, and one clear ending',
  async (ms) => {
    await using stage = await setStage()
    await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: sleep 60' }) })
    stage.tag('v1')
    const run = stage.start('run-batch')
    await run.says(/^Google Cloud/)
    await sleep(ms)
    run.child.kill('SIGINT')
    const { exitCode, stderr } = await run.ended
    expect([exitCode, stderr]).toEqual([130, expect.stringMatching(/cancelled/i)])
    const results = (await stage.objects()).filter((name) => name.endsWith('/result.json'))
    const attempts = (await stage.objects()).filter((name) => name.endsWith('/attempt.json'))
    expect(results).toHaveLength(attempts.length)
    stage.expectNothingLeft()
  },
)
