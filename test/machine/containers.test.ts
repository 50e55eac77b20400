import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { resolveInputs } from '../../core/inputs/resolve.ts'
import { makeSecret } from '../secrets.ts'
import { findTool, testWith } from '../tools.ts'
import { type Stage, setStage } from './stage.ts'

// Containers without a kernel's newer abilities: it works inside of containers and small virtual machines too.
const engine = process.env.MAYFLY_CONTAINER_ENGINE ?? 'podman --runtime runc'
const flags =
  process.env.MAYFLY_CONTAINER_FLAGS ?? '--network=host --ulimit nofile=1024:1024 --ulimit nproc=1024:1024'
const image = 'localhost/mayfly-test'

const tool = findTool(
  'a container engine, and mmdebstrap for its image',
  ['sh', '-c', `${engine} version && mmdebstrap --version`],
  true,
)

let stage: Stage
beforeAll(async () => {
  if (!tool.found) return
  const script = join(import.meta.dirname, '../../scripts/make-test-image')
  const cache = process.env.MAYFLY_TEST_CACHE ?? join(tmpdir(), 'mayfly-test-image')
  execFileSync(script, [cache], { env: { ...process.env, MAYFLY_CONTAINER_ENGINE: engine }, stdio: 'pipe' })
  // The driver passes these on, as it does for everyone.
  process.env.MAYFLY_CONTAINER_ENGINE = engine
  process.env.MAYFLY_CONTAINER_FLAGS = flags
  stage = await setStage()
}, 120_000)
afterAll(() => stage?.[Symbol.asyncDispose]())

function listContainers(): string {
  const [program = '', ...args] = engine.split(' ')
  return execFileSync(program, [...args, 'ps', '--all', '--quiet', '--filter', 'name=^mayfly-'], {
    encoding: 'utf8',
  })
}

testWith(tool, 'a step in a container finds the inputs', async () => {
  await stage.objects.put('lake/a.csv', 'from the lake\n')
  const place = { run: 'runs/test/inputs', depot: stage.objects, open: async () => stage.objects }
  const from = { from: 'gs://depot/lake/', to: 'data/', where: 'batch.yaml:6' }
  const { list, inputs, ...resolved } = await resolveInputs([from], place)
  if (list) await stage.objects.create(list.object, list.body)
  const steps = [{ container: image, run: 'cat data/a.csv; echo more >> data/a.csv; tail -n 1 data/a.csv' }]
  const machine = await stage.boot({ id: 'inputs', inputs: [...inputs], ...resolved, steps })
  expect(await machine.gone(), await machine.said()).toMatchObject({ state: 'succeeded' })
  expect(await machine.said()).toContain('from the lake\nmore\n')
})

testWith(tool, 'steps in containers share the work directory and get their variables whole', async () => {
  const machine = await stage.boot({
    env: { LINES: 'one\ntwo "three" $HOME', PATH: '/bin:/nowhere' },
    steps: [
      'echo from the machine > a',
      {
        container: image,
        run: 'cat a; pwd; echo "$LINES"; echo "$PATH"; echo "$MAYFLY_STEP"; echo from the container > b',
      },
      'cat b',
      { container: image },
    ],
    outputs: [{ path: 'b' }],
  })
  const result = await machine.gone()
  expect(result, await machine.said()).toMatchObject({
    state: 'succeeded',
    steps: [
      {},
      { container: image, containerDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      {},
      { container: image },
    ],
    outputs: [{ files: 1 }],
  })
  expect(result?.phases[0]?.name).toBe('pull')
  const said = await machine.said()
  expect(said).toContain('from the machine\n/work\none\ntwo "three" $HOME\n/bin:/nowhere\nstep2\n')
  expect(said).toContain('## step3\nfrom the container\n')
  expect(said).toContain('## step4\nmy own command\n')
  expect(listContainers()).toBe('')
})

testWith(tool, 'containers are given secrets, and no command line shows one', async () => {
  await makeSecret(stage.google.url, 'key', 'first line\nsecond "line" $HOME\n')
  const secret = { secret: 'key', version: 'latest' } as const
  const machine = await stage.boot({
    secrets: { KEY: { ...secret, as: 'variable' }, KEY_FILE: { ...secret, as: 'file' } },
    steps: [
      {
        container: image,
        run: 'echo "$KEY_FILE"; printf %s "$KEY" > a; cmp a "$KEY_FILE" && echo the same; ls /mayfly-secrets; echo x > "$KEY_FILE" || echo read-only; echo "$KEY"; until test -e go; do sleep 0.1; done',
      },
    ],
  })
  await machine.says(/\*{3}\n\*{3}\n/)
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  expect(commands).toContain('--env KEY ')
  expect(commands).not.toMatch(/first line|second "line"/)
  await writeFile(join(machine.directory, 'work/go'), '')
  expect(await machine.gone(), await machine.said()).toMatchObject({ state: 'succeeded' })
  const said = await machine.said()
  expect(said).toContain('/mayfly-secrets/KEY_FILE\nthe same\nKEY_FILE\n')
  expect(said).toContain('read-only\n***\n***\n')
  expect(listContainers()).toBe('')
})

testWith(
  tool,
  "a container's exit code is the step's, 127 too; a container that cannot begin is not",
  async () => {
    const machine = await stage.boot({
      steps: [
        { name: 'absent', container: image, run: 'no-such-program' },
        { name: 'fails', container: image, run: 'false; echo never', if: 'always' },
      ],
    })
    expect(await machine.gone()).toMatchObject({
      state: 'failed',
      reason: 'user',
      exitCode: 127,
      step: 'absent',
      steps: [{ exitCode: 127 }, { exitCode: 1 }],
    })
    expect(await machine.said()).not.toContain('never')

    process.env.MAYFLY_CONTAINER_FLAGS = '--no-such-flag'
    const broken = await stage.boot({ steps: [{ name: 'broken', container: image, run: 'echo never' }] })
    const result = await broken.gone()
    process.env.MAYFLY_CONTAINER_FLAGS = flags
    expect(result).toMatchObject({ state: 'failed', reason: 'unknown', exitCode: 70, step: 'broken' })
    expect(result?.message).toContain(`could not start its container ${image}`)
    expect(await broken.said()).toContain('no-such-flag')
  },
)

testWith(tool, 'a container past its timeout is gone', async () => {
  const machine = await stage.boot({
    steps: [
      { container: image, run: "trap '' TERM; echo begun; while :; do sleep 1; done", timeoutSeconds: 1 },
    ],
  })
  expect(await machine.gone()).toMatchObject({ state: 'timed-out', exitCode: 124 })
  expect(await machine.said()).toContain('begun\n')
  expect(listContainers()).toBe('')
})

testWith(tool, 'an image that cannot be pulled is told before any step', async () => {
  const missing = 'localhost/no-such-image'
  const machine = await stage.boot({ steps: ['echo never', { container: missing, run: 'echo never' }] })
  const result = await machine.gone()
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'image-pull',
    exitCode: 66,
    began: false,
    steps: [],
  })
  expect(result?.message).toContain(`The container image ${missing} could not be pulled: `)
})

testWith(tool, 'a machine without an engine says which it looked for', async () => {
  process.env.MAYFLY_CONTAINER_ENGINE = 'no-such-engine'
  const machine = await stage.boot({ steps: [{ name: 'r', container: image, run: 'echo never' }] })
  const result = await machine.gone()
  process.env.MAYFLY_CONTAINER_ENGINE = engine
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'bad-input',
    exitCode: 64,
    step: 'r',
    began: false,
  })
  expect(result?.message).toContain(
    'Step "r" wants a container, but on this machine no-such-engine does not answer.',
  )
})
