import { expect, test } from 'vitest'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { type Ending, type Stage, setStage } from './stage.ts'

/** Writes a batch with a machine of these keys. */
function write(stage: Stage, machine: string): Promise<void> {
  return stage.write({
    'batch.yaml': `name: test
machine: { image: mayfly-local, zones: [us-central1-a, us-central1-b, us-central1-c], ${machine} }
timeout: 10m
code: none
steps: [{ run: echo ran }]
`,
  })
}

async function run(stage: Stage, machine: string, ...flags: readonly string[]): Promise<Ending> {
  await write(stage, machine)
  return stage.mayfly('run-batch', ...flags)
}

function read({ stdout, stderr }: Ending): Outcome {
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as Outcome
}

function countInserts({ google }: Stage): number {
  return google.requests().filter(({ name }) => name === 'compute.instances.insert').length
}

test.concurrent('the zone that Google names is next, and what was sold out is told to whoever asks', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  stage.google.compute.stockout('us-central1-a', { available: ['us-central1-f', 'us-central1-c'] })
  const ending = await run(stage, 'type: e2-small', '--key', 'k')
  expect(ending.exitCode, ending.stderr).toBe(0)
  expect(ending.stderr + ending.stdout).toContain(
    'e2-small is sold out in us-central1-a. Trying us-central1-c.',
  )
  expect(ending.stdout).toContain('before   e2-small sold out in us-central1-a')
  const soldOut = [{ type: 'e2-small', zone: 'us-central1-a', spot: false }]
  expect(read(await run(stage, 'type: e2-small', '--key', 'k', '--json'))).toMatchObject({
    followed: true,
    machine: { zone: 'us-central1-c', type: 'e2-small', soldOut },
  })
  expect(countInserts(stage)).toBe(2)
  stage.expectNothingLeft()
})

test.concurrent('a sibling has room where the chosen type is sold out, and a standard machine where spot ones are', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  for (const zone of ['us-central1-a', 'us-central1-b', 'us-central1-c']) {
    stage.google.compute.stockout(zone, { provisioningModel: 'SPOT' })
    stage.google.compute.stockout(zone, { machineType: 'e2-standard-2', provisioningModel: 'STANDARD' })
  }
  const outcome = read(await run(stage, 'cpus: 2, memory: 8GB, spot: preferred', '--json'))
  expect(outcome).toMatchObject({
    state: 'succeeded',
    machine: { zone: 'us-central1-a', type: 'n2d-standard-2', spot: false },
  })
  expect(new Set(outcome.machine.soldOut.map(({ type, spot }) => `${type} ${spot}`))).toEqual(
    new Set(['e2-standard-2 true', 'n2d-standard-2 true', 'n2-standard-2 true', 'e2-standard-2 false']),
  )
  stage.expectNothingLeft()
})

test.concurrent('room that comes after a while is waited for', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  const zones = ['us-central1-a', 'us-central1-b', 'us-central1-c']
  for (const zone of zones) stage.google.compute.stockout(zone, { times: 1 })
  const outcome = read(await run(stage, 'type: e2-small, patience: 1m', '--json'))
  expect(outcome).toMatchObject({ state: 'succeeded', attempt: 1, machine: { zone: 'us-central1-a' } })
  expect(outcome.machine.soldOut.map(({ zone }) => zone)).toEqual(zones)
  expect(countInserts(stage)).toBe(4)
  stage.expectNothingLeft()
})

test.concurrent('no room anywhere, and no patience: 69, and all that was tried', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  for (const zone of ['us-central1-a', 'us-central1-b', 'us-central1-c']) stage.google.compute.stockout(zone)
  const outcome = read(await run(stage, 'type: [e2-small, e2-medium], patience: 0s', '--json'))
  expect(outcome).toMatchObject({ state: 'failed', reason: 'stockout', exitCode: 69 })
  expect(outcome.message).toContain(
    'e2-small sold out in us-central1-a, us-central1-b, us-central1-c; e2-medium sold out in us-central1-a, us-central1-b, us-central1-c.',
  )
  stage.expectNothingLeft()
})

test.concurrent('a quota that is used up is no stockout: 73 at once, with its name, its limit and where', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  stage.google.compute.quota('N2_CPUS', { limit: 24, region: 'us-central1' })
  const outcome = read(await run(stage, 'type: n2-standard-8', '--json'))
  expect(outcome).toMatchObject({ state: 'failed', reason: 'quota', exitCode: 73 })
  expect(outcome.message).toContain("Quota 'N2_CPUS' exceeded.  Limit: 24.0 in region us-central1.")
  expect(outcome.message).toContain('https://console.cloud.google.com/iam-admin/quotas')
  expect(countInserts(stage)).toBe(1)
  stage.expectNothingLeft()
})

test.concurrent('a permission that is missing: 77 at once, with the role', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  stage.google.compute.deny('compute.instances.create')
  const outcome = read(await run(stage, 'type: e2-small', '--json'))
  expect(outcome).toMatchObject({ state: 'failed', reason: 'permission', exitCode: 77 })
  expect(outcome.message).toContain('roles/compute.instanceAdmin.v1')
  expect(countInserts(stage)).toBe(1)
  stage.expectNothingLeft()
})

test.concurrent('a dry run shows what is asked for, in order', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  const { stdout } = await run(stage, 'cpus: 4, memory: 16GB, spot: preferred', '--dry-run', '--json')
  const plan = JSON.parse(stdout) as { run: { machine: Record<string, unknown> }; price: unknown }
  const { machine } = plan.run
  const zones = ['us-central1-a', 'us-central1-b', 'us-central1-c']
  expect(machine).toMatchObject({
    type: 'e2-standard-4',
    zones,
    spot: true,
    otherwise: [
      { type: 'n2d-standard-4', zones, spot: true },
      { type: 'n2-standard-4', zones, spot: true },
      { type: 'c3-standard-4', zones, spot: true },
      { type: 'e2-standard-4', zones, spot: false },
      { type: 'n2d-standard-4', zones, spot: false },
      { type: 'n2-standard-4', zones, spot: false },
      { type: 'c3-standard-4', zones, spot: false },
    ],
  })
  expect(plan.price).toMatchObject({ perHour: 0.201608, atMost: true })
  expect(countInserts(stage)).toBe(0)
})

test.concurrent('whoever comes after a controller that was killed in its search goes on with it', async () => {
  await using stage = await setStage({ compute: { delayMs: 0 } })
  const zones = ['us-central1-a', 'us-central1-b', 'us-central1-c']
  for (const zone of zones) stage.google.compute.stockout(zone)
  await write(stage, 'type: e2-small')
  const first = stage.start('run-batch', '--key', 'k')
  await first.says(/Asking again in/)
  first.child.kill('SIGKILL')
  await first.ended
  stage.google.compute.relieve()

  expect(read(await stage.mayfly('run-batch', '--key', 'k', '--json'))).toMatchObject({
    state: 'succeeded',
    attempt: 1,
  })
  stage.expectNothingLeft()
})
