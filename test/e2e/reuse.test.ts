import { expect, test } from 'vitest'
import { type Stage, setStage, writeBatch } from './stage.ts'

interface Outcome {
  readonly run: string
  readonly state: string
  readonly reused?: true
  readonly machineGone?: string
}

function write(stage: Stage, parts: { readonly more?: string; readonly step?: string } = {}) {
  const { more = '', step = '{ run: "mkdir -p out; echo $SEED > out/model" }' } = parts
  return stage.write({
    'batch.yaml': writeBatch({
      more: `code: none\nreuse: true\nparams: { seed: { type: number, default: 1 } }\nenv: { SEED: "\${{ params.seed }}" }\noutputs: [{ path: out/, name: model }]\n${more}`,
      steps: `  - ${step}`,
    }),
  })
}

async function run(stage: Stage, ...args: readonly string[]): Promise<Outcome> {
  const { stdout, stderr } = await stage.mayfly('run-batch', '--json', ...args)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Outcome
}

function countMachines({ google }: Stage): number {
  return google.requests().filter(({ name }) => name === 'compute.instances.insert').length
}

test('work that has succeeded is not done again, whatever the key; other work is', async () => {
  await using stage = await setStage()
  await write(stage)
  const first = await run(stage, '--key', 'one')
  const again = await run(stage, '--key', 'two')
  expect(again).toMatchObject({ run: first.run, state: 'succeeded', reused: true, followed: true })
  expect(again.machineGone).toBeDefined()
  expect(countMachines(stage)).toBe(1)

  // Where and how long it runs is not what it comes to.
  await write(stage, { more: 'attempts: 3' })
  expect((await run(stage)).run).toBe(first.run)
  const told = await stage.mayfly('run-batch')
  expect(told.stderr).toContain(`The same inputs have succeeded before: run ${first.run}`)
  expect(told.stdout).toContain('(with the same inputs it has succeeded before; nothing was run)')

  expect(await run(stage, '--param', 'seed=2')).not.toMatchObject({ reused: true })
  await write(stage, { step: '{ run: "mkdir -p out; echo x$SEED > out/model" }' })
  expect(await run(stage)).not.toMatchObject({ reused: true })
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: "true"' }) })
  expect(await run(stage)).not.toMatchObject({ reused: true })
  expect(countMachines(stage)).toBe(4)
  stage.expectNothingLeft()
})

test('a failure is never reused, and neither is a run whose outputs are not what they were', async () => {
  await using stage = await setStage()
  await write(stage, { step: '{ run: "exit 3" }' })
  await run(stage, '--key', 'one')
  expect(await run(stage, '--key', 'two')).toMatchObject({ state: 'failed' })
  expect(countMachines(stage)).toBe(2)

  await write(stage)
  const first = await run(stage, '--key', 'three')
  const model = `${first.run}/a1/outputs/model/model`
  await fetch(
    `${stage.google.url}/upload/storage/v1/b/depot/o?uploadType=media&name=${encodeURIComponent(model)}`,
    {
      method: 'POST',
      body: '1\n',
    },
  )
  const second = await run(stage, '--key', 'four')
  expect(second.run).not.toBe(first.run)
  expect((await run(stage, '--key', 'five')).run).toBe(second.run)
  stage.expectNothingLeft()
})

test('a container that may be another one tomorrow is refused, with its place', async () => {
  await using stage = await setStage()
  await write(stage, { step: '{ container: "ghcr.io:443/acme/r:4.4" }' })
  const { exitCode, stderr } = await stage.mayfly('run-batch')
  expect(exitCode).toBe(64)
  expect(stderr).toMatch(
    /batch\.yaml:\d+:\d+: reuse takes a container by its digest, such as ghcr\.io:443\/acme\/r@sha256:…, got ghcr\.io:443\/acme\/r:4\.4, which may/,
  )
  expect(await stage.objects()).toEqual([])
})
