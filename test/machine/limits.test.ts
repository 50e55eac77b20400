import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import { type ResultRecord, writeRecord } from '../../core/protocol/records.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ compute: { shutdownMs: 15_000 } })
})
afterAll(async () => {
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

test.concurrent('a step that ignores SIGTERM past its timeout is killed with all that it started', async () => {
  const machine = await stage.boot({
    steps: [
      {
        name: 'stuck',
        run: `trap '' TERM; (trap '' TERM; sleep 1000) & echo $! > pid; sleep 1000; sleep 1000`,
        timeoutSeconds: 1,
      },
      {
        name: 'look',
        run: 'kill -0 "$(cat pid)" 2>/dev/null && grep State "/proc/$(cat pid)/status"; true',
        if: 'always',
      },
    ],
    outputs: [{ path: 'pid', when: 'failure' }],
  })
  expect(await machine.gone()).toMatchObject({
    state: 'timed-out',
    exitCode: 124,
    step: 'stuck',
    message: expect.stringContaining('Step "stuck" did not end within its timeout of 1 s'),
    steps: [{ state: 'timed-out', exitCode: 124 }, { state: 'succeeded' }],
    outputs: [{ name: 'pid' }],
  })
  // A zombie is one that waits for its new parent.
  expect(await machine.said()).not.toMatch(/State:\s+[^Z]/)
})

test.concurrent('a step has five seconds to put its things in order', async () => {
  const machine = await stage.boot({
    steps: [
      {
        // Bash itself ends at once; the program below it is the one that needs the time.
        run: `node -e "process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit() }, 300)); setInterval(() => 0, 1000)"; true`,
        timeoutSeconds: 1,
      },
    ],
  })
  expect(await machine.gone()).toMatchObject({ state: 'timed-out', exitCode: 124 })
  expect(await machine.said()).toContain('saved\n')
})

test.concurrent('a run that reaches its deadline is stopped early enough to store what it has', async () => {
  const machine = await stage.boot({
    timeoutSeconds: 16,
    steps: [
      { name: 'train', run: 'echo 1 > state; echo begun; sleep 1000' },
      { run: 'echo never', if: 'always' },
    ],
    outputs: [{ path: 'state', when: 'always' }],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({
    by: 'machine',
    state: 'timed-out',
    exitCode: 124,
    steps: [{ state: 'timed-out' }, { state: 'skipped' }],
    outputs: [{ name: 'state', files: 1 }],
  })
  expect(result?.message).toContain('within its timeout of 16 s: it was stopped in step: train')
  expect(await machine.said()).toContain('begun\n')
})

test.concurrent('a machine that is deleted by someone tells that it was, and keeps its log', async () => {
  const machine = await stage.boot({
    steps: ['echo begun; sleep 1000'],
    outputs: [{ path: 'absent', when: 'always' }],
  })
  await machine.says(/begun/)
  await fetch(`${stage.google.url}/compute/v1/projects/acme/zones/us-central1-a/instances/${machine.id}`, {
    method: 'DELETE',
  })
  expect(await machine.gone()).toMatchObject({
    by: 'machine',
    state: 'preempted',
    exitCode: 71,
    began: true,
    message: 'The machine was taken back by Google, deleted or shut down in step: step1.',
    outputs: [],
  })
})

test.concurrent('SIGTERM to the agent alone ends the step too', async () => {
  const machine = await stage.boot({
    steps: [`echo begun; trap 'echo told; exit 1' TERM; while :; do sleep 0.1; done`],
  })
  await machine.says(/begun/)
  const agent = execFileSync('pgrep', ['-f', `agent.mjs ${machine.directory}`], { encoding: 'utf8' }).trim()
  process.kill(Number(agent), 'SIGTERM')
  expect(await machine.gone()).toMatchObject({
    state: 'preempted',
    exitCode: 71,
    steps: [{ state: 'failed' }],
  })
  expect(await machine.said()).toContain('told\n')
})

test.concurrent('a result that someone else wrote meanwhile is the one that counts', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'mayfly-sealed-'))
  const go = join(folder.path, 'go')
  const machine = await stage.boot({
    steps: [`echo begun; while [ ! -e ${go} ]; do sleep 0.1; done; echo x > out`],
    outputs: [{ path: 'out' }],
  })
  await machine.says(/begun/)
  const sealed: ResultRecord = {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
    state: 'cancelled',
    exitCode: 130,
    message: 'Cancelled by ada.',
    began: true,
    steps: [],
    phases: [],
    outputs: [],
  }
  await stage.objects.create(runObjects.result(machine.run, 1), writeRecord(sealed))
  await writeFile(go, '')
  expect(await machine.gone()).toEqual(sealed)
  // It would lie over those of the attempt that came after it.
  expect(await stage.objects.stat(`${machine.run}/a1/outputs/out`)).toBeUndefined()
})

test.concurrent('answers that get lost do not change what happens', async () => {
  for (const name of ['started.json', 'result.json', 'manifest.json', 'logs/000001', 'outputs/out'])
    stage.google.inject({ route: 'storage.objects.insert', kind: 'reset-after', match: `lost/a1/${name}` })
  const machine = await stage.boot({
    id: 'lost',
    steps: ['echo once > out; echo said'],
    outputs: [{ path: 'out' }],
  })
  expect(await machine.gone()).toMatchObject({ by: 'machine', state: 'succeeded', outputs: [{ files: 1 }] })
  expect(await machine.said()).toMatch(/^## step1\nsaid\n# Stored out: .*\n$/)
})
