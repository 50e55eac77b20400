import { expect } from 'vitest'
import { ansible } from '../adapters/packer-workshop.ts'
import { needAll, testWith } from '../tools.ts'
import { buildArgs, packer, setImageStage } from './image-stage.ts'
import { pointPacker, setStage, writeBatch } from './stage.ts'

const passing = { 'smoke.yaml': writeBatch({ steps: '  - run: echo smoke' }) }
const failing = { 'smoke.yaml': writeBatch({ steps: '  - run: exit 9' }) }

testWith(packer, 'a tag becomes an image that is tested before the family leads to it', async () => {
  await using stage = await setImageStage()
  await stage.write(passing)
  stage.tag('v1.4.0')
  const first = await stage.build('--smoke', 'smoke.yaml')
  expect([first.exitCode, first.stderr]).toEqual([0, expect.stringMatching(/Smoke batch on ml-batch-v1-4-0/)])
  expect(JSON.parse(first.stdout)).toMatchObject({
    state: 'built',
    family: 'ml-batch',
    image: { name: 'ml-batch-v1-4-0', family: 'ml-batch' },
    smoke: { state: 'succeeded', machineGone: expect.any(String) },
  })
  expect(await stage.images()).toMatchObject([
    { name: 'ml-batch-v1-4-0', labels: { tool: 'mayfly', 'mayfly-smoke': 'passed' } },
  ])

  const before = stage.google.requests().filter(({ method }) => method !== 'GET').length
  const second = await stage.build('--smoke', 'smoke.yaml')
  expect([second.exitCode, JSON.parse(second.stdout)]).toMatchObject([0, { state: 'unchanged' }])
  expect(stage.google.requests().filter(({ method }) => method !== 'GET')).toHaveLength(before)

  stage.tag('v2')
  const third = await stage.build()
  expect(JSON.parse(third.stdout)).toMatchObject({ state: 'built', previous: 'ml-batch-v1-4-0' })
  expect(await stage.newest()).toBe('ml-batch-v2')
  stage.expectNothingLeft()
})

testWith(packer, 'other inputs under a tag, and an image of somebody else, are conflicts, 65', async () => {
  await using stage = await setImageStage()
  stage.tag('v1')
  expect((await stage.build()).exitCode).toBe(0)
  const other = await stage.build('--var', 'note=other')
  expect([other.exitCode, other.stderr]).toEqual([
    65,
    expect.stringMatching(/from other inputs.*\n.*mayfly-inputs/),
  ])

  stage.git('tag', 'V1')
  const alias = await stage.build('V1')
  expect([alias.exitCode, alias.stderr]).toEqual([
    65,
    expect.stringMatching(/Another tag than V1 gives the same name/),
  ])

  await fetch(`${stage.google.url}/compute/v1/projects/acme/global/images`, {
    method: 'POST',
    body: JSON.stringify({ name: 'ml-batch-v2', sourceImage: 'projects/acme/global/images/mayfly-local' }),
  })
  stage.tag('v2')
  const foreign = await stage.build()
  expect([foreign.exitCode, foreign.stderr]).toEqual([
    65,
    expect.stringMatching(/ml-batch-v2.*not made by Mayfly/),
  ])
  expect(await stage.newest()).toBe('ml-batch-v1')
  stage.expectNothingLeft()
})

testWith(packer, 'without a tag, template and variables are checked and nothing is made', async () => {
  await using stage = await setImageStage()
  stage.tag('v1')
  stage.git('commit', '--quiet', '--allow-empty', '--message=more')
  const good = await stage.build()
  expect([good.exitCode, JSON.parse(good.stdout)]).toMatchObject([0, { state: 'checked' }])
  const typo = await stage.build('--var', 'noet=x')
  expect([typo.exitCode, typo.stderr]).toEqual([64, expect.stringMatching(/"noet".*Did you mean "note"/)])
  const absent = await stage.build('--secret', 'note=NO_SUCH_VARIABLE')
  expect([absent.exitCode, absent.stderr]).toEqual([
    64,
    expect.stringMatching(/NO_SUCH_VARIABLE, which is not set/),
  ])
  expect(await stage.images()).toEqual([])
  expect(stage.google.requests().filter(({ method }) => method !== 'GET')).toHaveLength(1)
})

testWith(
  packer,
  'all inputs that are wrong are told at once, and a changed file is not what the tag says',
  async () => {
    await using stage = await setImageStage()
    stage.tag('v1')
    const bad = await stage.mayfly(
      'build-image',
      '--family',
      'ML_batch',
      '--zones',
      'us-central1-a',
      '--keep',
      '0',
    )
    expect(bad.exitCode).toBe(64)
    expect(bad.stderr).toMatch(
      /--family: expected small letters(.|\n)*--playbook: required(.|\n)*--keep: expected a number/,
    )
    await stage.write({ 'provision.sh': 'true\n' })
    const changed = await stage.build()
    expect([changed.exitCode, changed.stderr]).toEqual([
      64,
      expect.stringMatching(/not those of "v1" \(provision\.sh\)/),
    ])
    expect(await stage.images()).toEqual([])
  },
)

testWith(packer, 'an image that fails its smoke batch is not promoted, and says why', async () => {
  await using stage = await setImageStage()
  stage.tag('v1')
  expect((await stage.build()).exitCode).toBe(0)
  await stage.write(failing)
  stage.tag('v2')
  const failed = await stage.build('--smoke', 'smoke.yaml')
  expect(failed.exitCode).toBe(9)
  expect(failed.stderr).toMatch(/ml-batch-v2 did not pass its smoke batch \(runs\/test\/.*not in the family/)
  expect(await stage.newest()).toBe('ml-batch-v1')
  expect((await stage.images()).find(({ name }) => name === 'ml-batch-v2')).toMatchObject({
    labels: { 'mayfly-smoke': 'failed-user' },
  })
  const list = await stage.mayfly('images', 'list', 'ml-batch')
  expect(list.stdout).toMatch(/ml-batch-v2 +not promoted +failed-user(.|\n)*→ +ml-batch-v1 +active +passed/)

  // It may have been the batch's fault, or the day's: the image is tested again, and not built again.
  const again = await stage.build()
  expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([0, { state: 'promoted' }])
  expect(await stage.newest()).toBe('ml-batch-v2')
  stage.expectNothingLeft()
})

testWith(packer, 'a smoke batch or a zone with a fault is refused before a machine is there', async () => {
  await using stage = await setImageStage()
  await stage.write({ 'smoke.yaml': 'name: smoke\nstep: []\n' })
  stage.tag('v1')
  const faulty = await stage.build('--smoke', 'smoke.yaml')
  expect([faulty.exitCode, faulty.stderr]).toEqual([
    64,
    expect.stringMatching(/smoke\.yaml:2:1: step: no such key.*Did you mean "steps"/),
  ])
  const missing = await stage.build('--smoke', 'smok.yaml')
  expect([missing.exitCode, missing.stderr]).toEqual([
    64,
    expect.stringContaining('--smoke: there is no file smok.yaml'),
  ])
  const region = await stage.build('--zones', 'us-central1')
  expect([region.exitCode, region.stderr]).toEqual([
    64,
    expect.stringContaining('--zones: expected a zone such as us-central1-a, got "us-central1".'),
  ])
  expect(stage.google.requests().filter(({ name }) => name === 'compute.instances.insert')).toEqual([])
})

testWith(
  packer,
  'older images are deprecated, and deleted later unless a disk was made from them',
  async () => {
    let time = Date.now()
    await using stage = await setImageStage({ now: () => time })
    for (const tag of ['v1', 'v2', 'v3']) {
      stage.tag(tag)
      expect((await stage.build('--keep', '1', '--delete-after', '0s')).exitCode).toBe(0)
      time += 60_000
    }
    expect(await stage.images()).toMatchObject([
      {
        name: 'ml-batch-v2',
        deprecated: { state: 'DEPRECATED', replacement: expect.stringMatching(/ml-batch-v3$/) },
      },
      { name: 'ml-batch-v3' },
    ])
    await fetch(`${stage.google.url}/compute/v1/projects/acme/zones/us-central1-b/disks`, {
      method: 'POST',
      body: JSON.stringify({ name: 'kept', sourceImage: 'projects/acme/global/images/ml-batch-v2' }),
    })
    stage.tag('v4')
    const last = await stage.build('--keep', '1', '--delete-after', '0s')
    expect(last.stderr).toMatch(/ml-batch-v2 would be deleted by now/)
    expect((await stage.images()).map(({ name }) => name)).toEqual([
      'ml-batch-v2',
      'ml-batch-v3',
      'ml-batch-v4',
    ])
  },
)

testWith(packer, 'a family goes back to its previous image', async () => {
  await using stage = await setImageStage()
  for (const tag of ['v1', 'v2', 'v3']) {
    stage.tag(tag)
    expect((await stage.build('--keep', '2')).exitCode).toBe(0)
  }
  const back = () => stage.mayfly('images', 'rollback', 'ml-batch')
  expect((await back()).stdout).toMatch(/ml-batch leads to ml-batch-v2; ml-batch-v3 is deprecated/)
  expect(await stage.newest()).toBe('ml-batch-v2')
  expect((await stage.mayfly('images', 'rollback', 'ml-batch', '--to', 'ml-batch-v3')).exitCode).toBe(64)
  expect((await back()).exitCode).toBe(0)
  expect(await stage.newest()).toBe('ml-batch-v1')
  const none = await back()
  expect([none.exitCode, none.stderr]).toEqual([64, expect.stringMatching(/no older one/)])
})

testWith(packer, "a sold-out zone gives way to the next, and a quota is told in Google's words", async () => {
  await using stage = await setImageStage()
  stage.google.compute.stockout('us-central1-a', {})
  stage.tag('v1')
  const moved = await stage.build('--zones', 'us-central1-a,us-central1-b')
  expect([moved.exitCode, moved.stderr]).toEqual([0, expect.stringMatching(/Trying the next zone/)])
  stage.google.compute.relieve()
  stage.google.compute.quota('CPUS', { limit: 1 })
  stage.tag('v2')
  const refused = await stage.build()
  expect([refused.exitCode, refused.stderr]).toEqual([73, expect.stringMatching(/Quota 'CPUS' exceeded/)])
  expect(await stage.newest()).toBe('ml-batch-v1')
  stage.expectNothingLeft()
})

testWith(packer, 'two builds of a tag at once: the second is told, and the first goes on', async () => {
  await using stage = await setImageStage()
  await stage.write({
    'provision.sh': 'until test -e go; do sleep 0.05; done\n',
    '.gitignore': 'go\n*.json\n',
  })
  stage.tag('v1')
  const first = stage.start(...buildArgs, '--zones', 'us-central1-a')
  await first.says(/provisioning/)
  const second = await stage.build()
  expect([second.exitCode, second.stderr]).toEqual([
    65,
    expect.stringMatching(/is being built by another: machine mayfly-build-/),
  ])
  await stage.write({ go: '' })
  expect((await first.ended).exitCode).toBe(0)
  stage.expectNothingLeft()
})

testWith(packer, 'a cancelled build leaves no machine, and the tag can be built again', async () => {
  await using stage = await setImageStage()
  await stage.write({
    'provision.sh': 'until test -e go; do sleep 0.05; done\n',
    '.gitignore': 'go\n*.json\n',
  })
  stage.tag('v1')
  const run = stage.start(...buildArgs, '--zones', 'us-central1-a')
  await run.says(/provisioning/)
  run.child.kill('SIGINT')
  expect((await run.ended).exitCode).toBe(130)
  stage.expectNothingLeft()
  await stage.write({ go: '' })
  expect((await stage.build()).exitCode).toBe(0)
  stage.expectNothingLeft()
})

testWith(packer, 'a build that takes too long is ended, 124, and leaves no machine', async () => {
  await using stage = await setImageStage()
  await stage.write({ 'provision.sh': 'sleep 600\n' })
  stage.tag('v1')
  const slow = await stage.build('--timeout', '3s')
  expect([slow.exitCode, slow.stderr]).toEqual([124, expect.stringMatching(/within its timeout of 3 s/)])
  stage.expectNothingLeft()
})

testWith(packer, 'provisioning that fails is told in its own words, 1, and leaves no machine', async () => {
  await using stage = await setImageStage()
  await stage.write({ 'provision.sh': 'echo the mirror is gone >&2; exit 3\n' })
  stage.tag('v1')
  const failed = await stage.build()
  expect([failed.exitCode, failed.stderr]).toEqual([
    1,
    expect.stringMatching(/the mirror is gone(.|\n)*exit status: 3/),
  ])
  expect(await stage.images()).toEqual([])
  stage.expectNothingLeft()
})

testWith(
  packer,
  'a Packer that is killed in the middle leaves no machine, and the tag can be built again',
  async () => {
    await using stage = await setImageStage()
    await stage.write({
      // Packer is two processes, and both are in the group of this script.
      'provision.sh': 'test -e go || pkill -KILL -x packer -g "$(ps -o pgid= $$ | tr -d " ")"; sleep 1\n',
      '.gitignore': 'go\n*.json\n',
    })
    stage.tag('v1')
    const killed = await stage.build()
    expect([killed.exitCode, killed.stderr]).toEqual([
      1,
      expect.stringMatching(/packer build ended with signal SIGKILL/),
    ])
    stage.expectNothingLeft()
    await stage.write({ go: '' })
    expect((await stage.build()).exitCode).toBe(0)
    stage.expectNothingLeft()
  },
)

testWith(
  needAll(packer, ansible),
  "a machine on which SSH never comes up is given up at the builder's timeout, 124",
  async () => {
    await using stage = await setStage({ compute: { acceptMalformedSourceDisk: true } })
    await pointPacker(stage)
    await stage.write({ 'site.yml': '- hosts: all\n  tasks: []\n' })
    stage.tag('v1')
    const given = [
      '--playbook',
      'site.yml',
      '--family',
      'ml-batch',
      '--zones',
      'us-central1-a',
      '--timeout',
      '20s',
    ]
    const { exitCode, stderr } = await stage.mayfly('build-image', ...given)
    expect([exitCode, stderr]).toEqual([
      124,
      expect.stringMatching(/Waiting for SSH(.|\n)*within its timeout of 20 s/),
    ])
    stage.expectNothingLeft()
    expect(stage.google.compute.disks()).toEqual([])
  },
)
