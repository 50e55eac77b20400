import { expect, test } from 'vitest'
import { startSlack } from '../messenger.ts'
import { writeBatch } from './stage.ts'
import { type SweepStage, setSweepStage } from './sweep-stage.ts'

const builder = 'mayfly-build-ml-batch-v1-0123456789ab'

/** A run of the key k whose controller was killed in the middle. */
async function setLostRun(): Promise<SweepStage> {
  const stage = await setSweepStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - { name: slow, run: echo begun; sleep 60 }' }) })
  stage.tag('v1')
  const run = stage.start('run-batch', '--key', 'k')
  await run.says(/begun/)
  run.child.kill('SIGKILL')
  await run.ended
  return stage
}

test('the machine of a killed controller is removed after its deadline, and its run is lost for everyone', async () => {
  await using stage = await setLostRun()

  const early = await stage.mayfly('sweep', '--json')
  expect([early.exitCode, JSON.parse(early.stdout)]).toMatchObject([0, { removed: [], kept: [{}] }])
  stage.pass(16 * 60)
  const dry = await stage.mayfly('sweep', '--dry-run', '--json')
  expect([dry.exitCode, JSON.parse(dry.stdout).remove]).toMatchObject([0, [{ kind: 'machine' }]])
  expect(stage.machines()).toHaveLength(1)

  await using slack = await startSlack()
  const swept = await stage.mayfly('sweep', '--json', '--slack-webhook', `${slack.url}/services/T0/B0/s3cr3t`)

  expect(swept.exitCode, swept.stderr).toBe(0)
  expect(slack.heard.map(({ body }) => body.text.split('\n')[0])).toEqual([
    '*✔ Sweep of acme: removed 1 machine*',
  ])
  expect(JSON.parse(swept.stdout)).toMatchObject({
    removed: [
      { kind: 'machine', gone: true, sealed: { run: expect.stringMatching(/^runs\/test\//), state: 'lost' } },
    ],
    stuck: [],
    kept: [],
  })
  expect(stage.disks()).toEqual([])
  const asked = await stage.mayfly('run-batch', '--key', 'k', '--json')
  expect([asked.exitCode, JSON.parse(asked.stdout)]).toMatchObject([
    75,
    { state: 'lost', followed: true, exitCode: 75 },
  ])
  stage.expectNothingLeft()
})

test('machines that are off, orphan disks, builders and forgotten images go; nothing else does', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  const live = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 30 * 86_400) }
  await Promise.all([
    stage.addMachine('mayfly-off', over).then(() => stage.stop('mayfly-off')),
    stage.addMachine(builder, { ...over, 'mayfly-build': 'ml-batch-v1' }, { zone: 'us-central1-b' }),
    stage.addDisk('mayfly-orphan', over),
    stage.addDisk('mayfly-build-ml-batch-v2-ba9876543210', {}),
    stage.addImage('ml-batch-v1', { tool: 'mayfly' }),
    stage.addMachine('theirs', {}),
    stage.addMachine('mayfly-live', live),
    stage.addMachine('mayfly-broken', { tool: 'mayfly', 'mayfly-deadline': 'soon' }),
    stage.addDisk('mayfly-build-something-else', {}),
    stage.addDisk('mayfly-live-data', live),
    stage.addImage('ml-batch-v0', { tool: 'mayfly' }, 'ml-batch'),
    stage.addImage('somebodys', {}),
  ])
  stage.pass(8 * 86_400)
  await stage.addImage('ml-batch-v3', { tool: 'mayfly', 'mayfly-smoke': 'failed-user' })

  const swept = await stage.mayfly('sweep')

  expect(swept.exitCode, swept.stderr).toBe(0)
  expect(stage.machines().toSorted()).toEqual(['mayfly-broken', 'mayfly-live', 'theirs'])
  expect(stage.disks().toSorted()).toEqual([
    'mayfly-broken',
    'mayfly-build-something-else',
    'mayfly-live',
    'mayfly-live-data',
    'theirs',
  ])
  expect(await stage.images()).toEqual(['ml-batch-v0', 'ml-batch-v3', 'somebodys'])
  expect(swept.stdout).toMatch(/Removed 2 machines, 2 disks, 1 image; kept: 2 machines, 1 disk, 1 image/)
  expect(swept.stdout).toMatch(/machine mayfly-off +us-central1-a +8 d/)
  expect(swept.stderr).toMatch(/mayfly-broken in us-central1-a stays, not ours to judge.*"soon"/)
  expect(stage.google.unknown()).toEqual([])
})

test('two sweeps at once end the same way', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  const names = Array.from({ length: 6 }, (_, index) => `mayfly-m${index}`)
  await Promise.all(names.map((name) => stage.addMachine(name, over)))
  await stage.addDisk('mayfly-orphan', over)
  stage.pass(3600)

  const both = await Promise.all([stage.mayfly('sweep', '--json'), stage.mayfly('sweep', '--json')])

  expect(both.map(({ exitCode, stderr }) => [exitCode, stderr])).toMatchObject([
    [0, expect.anything()],
    [0, expect.anything()],
  ])
  expect(stage.disks()).toEqual([])
  stage.expectNothingLeft()
})

test('a zone that cannot be asked is unknown: what was seen goes, and the exit code is 70', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  await stage.addMachine('mayfly-seen', over)
  await stage.addMachine('mayfly-hidden', over, { zone: 'europe-west1-b' })
  await stage.addImage('ml-batch-v1', { tool: 'mayfly' })
  stage.pass(8 * 86_400)
  stage.google.compute.unreachable('europe-west1-b')

  const partial = await stage.mayfly('sweep', '--json')

  expect([partial.exitCode, JSON.parse(partial.stdout)]).toMatchObject([
    70,
    { removed: [{ name: 'mayfly-seen' }], unseenZones: ['europe-west1-b'] },
  ])
  expect(partial.stderr).toMatch(/could not tell of europe-west1-b/)
  expect(stage.machines()).toEqual(['mayfly-hidden'])
  expect(await stage.images()).toEqual(['ml-batch-v1'])

  stage.google.compute.relieve()
  expect((await stage.mayfly('sweep')).exitCode).toBe(0)
  expect(await stage.images()).toEqual([])
  stage.expectNothingLeft()
})

test('a missing permission is 77 and named; the rest goes', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  await stage.addMachine('mayfly-m', over)
  await stage.addDisk('mayfly-orphan', over)
  stage.pass(3600)
  stage.google.compute.deny('compute.instances.delete')
  const refused = await stage.mayfly('sweep')
  expect([refused.exitCode, refused.stderr]).toEqual([
    77,
    expect.stringMatching(/machine mayfly-m in us-central1-a is still there: .*compute\.instances\.delete/),
  ])
  expect(stage.disks()).toEqual(['mayfly-m'])

  stage.google.compute.deny('compute.instances.list')
  const blind = await stage.mayfly('sweep')
  expect([blind.exitCode, blind.stderr]).toEqual([
    77,
    expect.stringMatching(/needs compute\.instances\.list/),
  ])
})

test('answers that are lost, late and refused in passing change nothing', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  await stage.addMachine('mayfly-m', over)
  await stage.addDisk('mayfly-orphan', over)
  await stage.addImage('ml-batch-v1', { tool: 'mayfly' })
  stage.pass(8 * 86_400)
  const { google } = stage
  google.inject({ route: 'compute.instances.aggregatedList', kind: 'truncate' })
  google.inject({ route: 'compute.disks.aggregatedList', kind: 'status', status: 503 })
  google.inject({ route: 'compute.instances.delete', kind: 'reset-after' })
  google.inject({ route: 'compute.disks.delete', kind: 'duplicate', ms: 100, match: 'orphan' })
  google.inject({ route: 'compute.images.delete', kind: 'status-after', status: 503 })

  const swept = await stage.mayfly('sweep')

  expect(swept.exitCode, swept.stderr).toBe(0)
  expect(swept.stdout).toMatch(/Removed 1 machine, 1 disk, 1 image/)
  expect([stage.disks(), await stage.images()]).toEqual([[], []])
  const asked = google.requests().filter(({ name }) => name === 'compute.instances.aggregatedList')
  expect(asked).toHaveLength(2)
  stage.expectNothingLeft()
})

test('a sweep that is killed in the middle is finished by the next', async () => {
  await using stage = await setLostRun()
  stage.pass(16 * 60)
  stage.google.inject({ route: 'compute.instances.delete', kind: 'hang' })
  const first = stage.start('sweep')
  const asked = () => stage.google.requests().map(({ name }) => name)
  await expect.poll(asked, { timeout: 10_000 }).toContain('compute.instances.delete')
  first.child.kill('SIGKILL')
  await first.ended

  const second = await stage.mayfly('sweep', '--json')

  expect([second.exitCode, JSON.parse(second.stdout)]).toMatchObject([
    0,
    { removed: [{ kind: 'machine', sealed: { state: 'lost' } }] },
  ])
  stage.expectNothingLeft()
})

test('a sweep that is asked to stop begins nothing more, and says that another one finds the rest', async () => {
  await using stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  // Two more than are removed at a time.
  const names = Array.from({ length: 10 }, (_, index) => `mayfly-m${index}`)
  await Promise.all(names.map((name) => stage.addMachine(name, over)))
  stage.pass(3600)
  stage.google.inject({ route: 'compute.instances.delete', kind: 'delay', ms: 500, times: 8 })
  const sweep = stage.start('sweep')
  const asked = () => stage.google.requests().map(({ name }) => name)
  await expect.poll(asked, { timeout: 10_000 }).toContain('compute.instances.delete')
  sweep.child.kill('SIGINT')

  expect(await sweep.ended).toMatchObject({
    exitCode: 130,
    stderr: expect.stringMatching(/Stopped after \d of 10\. Another sweep finds the rest\.(.|\n)*Cancelled/),
  })
  expect(stage.machines().length).toBeGreaterThanOrEqual(2)
  expect((await stage.mayfly('sweep')).exitCode).toBe(0)
  expect(stage.disks()).toEqual([])
  stage.expectNothingLeft()
})

test('an age that is none is refused in the spelling of the caller', async () => {
  await using stage = await setSweepStage()
  const { exitCode, stderr } = await stage.mayfly('sweep', '--image-age', '1 week')
  expect([exitCode, stderr]).toEqual([64, expect.stringMatching(/--image-age: expected a duration/)])
})
