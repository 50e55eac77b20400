import { afterAll, beforeAll, expect, test } from 'vitest'
import { runObjects } from '../../core/depot.ts'
import { checkpointRecord } from '../../core/protocol/checkpoints.ts'
import { parseRecord } from '../../core/protocol/records.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ compute: { shutdownMs: 15_000 } })
})
afterAll(async () => {
  expect(stage.google.compute.instances()).toEqual([])
  expect(stage.google.unknown()).toEqual([])
  await stage[Symbol.asyncDispose]()
})

/** The next machine of a run. */
function boot(id: string, attempt: number, steps: Parameters<Stage['boot']>[0]['steps'], everySeconds = 1) {
  const wish = { id, steps, attempts: 3, checkpoint: { path: 'state/', everySeconds } }
  return stage.boot(wish, { 'mayfly-attempt': String(attempt) })
}

async function readManifest(name: string) {
  const { files } = parseRecord(checkpointRecord, name, (await stage.objects.read(name)) ?? new Uint8Array())
  return files
}

async function listNames(prefix: string): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of stage.objects.list(prefix)) names.push(name)
  return names
}

test.concurrent('what a step has made while it runs is there on the next attempt, with nothing sent twice', async () => {
  const first = await boot('grow', 1, [
    `mkdir -p state/deep && head -c 3000000 /dev/urandom > state/big && chmod 640 state/big
     sha256sum state/big > state/sum; touch -d '2026-01-02T03:04:05Z' state/sum
     for i in 1 2 3 4; do echo "$i" > state/deep/epoch; echo "epoch $i"; sleep 1.2; done; sleep 1000`,
  ])
  await first.says(/epoch 4/)
  const folder = runObjects.checkpoints(first.run, 1)
  const last = async () => (await listNames(`${folder}/`)).findLast((name) => name.endsWith('.json')) ?? ''
  for (;;) {
    const manifest = await last()
    const epoch = manifest && (await readManifest(manifest)).find(({ path }) => path === 'deep/epoch')
    if (epoch && (await first.read(epoch.object)) === '4\n') break
  }
  stage.google.compute.hostError('mayfly-grow')
  expect((await first.gone())?.state).toBe('lost')

  const second = await boot('grow', 2, [
    'sha256sum -c state/sum && cat state/deep/epoch && stat -c %a state/big && stat -c %Y state/sum',
  ])
  expect(await second.gone()).toMatchObject({
    state: 'succeeded',
    checkpoint: { restored: expect.stringMatching(/\/a1\/checkpoint\/\d{6}\.json$/) },
  })
  expect(await second.said()).toMatch(/# Restored state\/: 3 files, .* from attempt 1, checkpoint \d+\n/)
  expect(await second.said()).toContain('state/big: OK\n4\n640\n1767323045\n')
  const names = await listNames(`${folder}/`)
  expect(names.filter((name) => name.endsWith('/big'))).toHaveLength(1)
  // Nothing had changed since: the next attempt would go on from the same one.
  expect(await listNames(`${runObjects.checkpoints(first.run, 2)}/`)).toEqual([])
})

test.concurrent('a preempted step has time to write its state, which is kept before the machine goes', async () => {
  const first = await boot(
    'notice',
    1,
    [`mkdir state; trap 'echo last > state/word; exit 1' TERM; echo begun; while :; do sleep 0.1; done`],
    3600,
  )
  await first.says(/begun/)
  stage.google.compute.preempt('mayfly-notice')
  expect(await first.gone()).toMatchObject({
    state: 'preempted',
    exitCode: 71,
    message: 'The machine was taken back by Google, deleted or shut down in step: step1.',
    checkpoint: { kept: `${first.run}/a1/checkpoint/000001.json` },
    phases: expect.arrayContaining([expect.objectContaining({ name: 'checkpoint' })]),
  })

  const second = await boot('notice', 2, ['cat state/word; echo "attempt $MAYFLY_ATTEMPT"'])
  expect((await second.gone())?.state).toBe('succeeded')
  expect(await second.said()).toContain('last\nattempt 2\n')
})

test.concurrent('a checkpoint that is broken is passed over for the one before it', async () => {
  const first = await boot(
    'broken',
    1,
    [
      'mkdir state; echo 1 > state/a; echo 1 > state/gone; rm state/gone',
      'echo 2 > state/a',
      'echo 3 > state/a',
      'echo 4 > state/a',
      'rm state/a',
    ],
    3600,
  )
  expect((await first.gone())?.checkpoint).toEqual({ kept: `${first.run}/a1/checkpoint/000004.json` })
  const nameOf = (sequence: number) => runObjects.checkpoint(first.run, 1, sequence)
  await stage.objects.put(nameOf(4), '{"schema":1,"files":[')
  const [third] = await readManifest(nameOf(3))
  await stage.objects.put(nameOf(3), JSON.stringify({ schema: 1, files: [{ ...third, object: 'absent' }] }))
  const [second] = await readManifest(nameOf(2))
  await stage.objects.put(second?.object ?? '', 'x\n')

  const next = await boot('broken', 2, ['cat state/a'])
  expect((await next.gone())?.checkpoint).toEqual({ restored: nameOf(1) })
  const said = await next.said()
  expect(said).toContain(`Not restored: the checkpoint ${nameOf(4)} is broken: its manifest cannot be read.`)
  expect(said).toContain(`Not restored: the checkpoint ${nameOf(3)} is broken: absent is gone.`)
  expect(said).toContain(`${second?.object} is not what was kept.`)
  expect(said).toMatch(/^1$/m)
})

test.concurrent('a manifest that leads out of its folder writes nothing there', async () => {
  const first = await boot('escape', 1, ['mkdir state; echo 1 > state/a'], 3600)
  await first.gone()
  const name = runObjects.checkpoint(first.run, 1, 1)
  const [kept] = await readManifest(name)
  const files = [{ ...kept, path: '../../work/escaped' }]
  await stage.objects.put(name, JSON.stringify({ schema: 1, files }))
  const second = await boot('escape', 2, ['ls'])
  expect((await second.gone())?.state).toBe('succeeded')
  expect(await second.said()).toContain('is broken: ../../work/escaped is outside of it.')
  expect(await second.said()).not.toMatch(/^escaped$/m)
})

test.concurrent('a set that was not sent whole does not count', async () => {
  const first = await boot(
    'torn',
    1,
    [
      'mkdir state; echo 1 > state/a; echo 1 > state/b',
      'echo 2 > state/a; echo 2 > state/b; echo both',
      'sleep 1000',
    ],
    3600,
  )
  // The second set's second file never comes to its end.
  const match = 'torn/a1/checkpoint/000002/b'
  stage.google.inject({ route: 'storage.objects.insert', match, kind: 'hang', times: 99 })
  await first.says(/both/)
  stage.google.compute.hostError('mayfly-torn')
  await first.gone()
  const second = await boot('torn', 2, ['cat state/a state/b'])
  await second.gone()
  expect(await second.said()).toContain('1\n1\n')
})

test.concurrent('a file that is written to all the time is kept as it is at some time', async () => {
  const machine = await boot('log', 1, [
    `mkdir state; head -c 4000000 /dev/zero > state/log
     node -e "setInterval(() => require('fs').appendFileSync('state/log', 'x'), 1); setTimeout(() => process.exit(), 4000)"`,
    'rm -r state; echo x > state',
  ])
  const result = await machine.gone()
  expect(result).toMatchObject({ state: 'succeeded' })
  const said = await machine.said()
  expect(said).toContain('Not kept: state/: it is not a folder in the work directory')
  const manifests = (await listNames(`${runObjects.checkpoints(machine.run, 1)}/`)).filter((name) =>
    name.endsWith('.json'),
  )
  expect(manifests.length).toBeGreaterThan(1)
  for (const manifest of manifests) {
    const [kept] = await readManifest(manifest)
    expect(await stage.objects.stat(kept?.object ?? '')).toMatchObject({
      size: kept?.size,
      crc32c: kept?.crc32c,
    })
  }
})

test.concurrent('a folder that never comes to be is told', async () => {
  const machine = await boot('absent', 1, ['true'])
  expect((await machine.gone())?.state).toBe('succeeded')
  expect(await machine.said()).toContain('Nothing was kept: state/ does not exist or has no files.')
})
