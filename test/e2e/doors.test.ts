import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPlugin, startPlugin } from '../runner/drone.ts'
import { readAction, runAction, startAction } from '../runner/github.ts'
import { pointers, type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const actions = {
  upload: readAction(join(root, 'actions/upload-code/action.yml')),
  run: readAction(join(root, 'actions/run-batch/action.yml')),
  root: readAction(join(root, 'action.yml')),
}
const plugins = {
  upload: join(root, 'dist/drone-plugins/upload-code/main.js'),
  run: join(root, 'dist/drone-plugins/run-batch/main.js'),
}
const given = { project: 'acme', bucket: 'depot' }

/** The repository that every door's job has checked out: a tag, and a batch that greets. */
async function setScene(steps: string): Promise<Stage> {
  const stage = await setStage()
  await stage.write({
    'batch.yaml': writeBatch({
      more: 'params: { who: { type: string, default: world } }\nenv: { WHO: "${{ params.who }}" }\noutputs: [{ path: out/, name: out }]',
      steps,
    }),
  })
  stage.tag('v1.0.0')
  return stage
}

const greet = '  - { name: greet, run: "mkdir out && echo hello $WHO | tee out/greeting" }'
const onTag = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.0.0', GITHUB_REF: 'refs/tags/v1.0.0' }

test('GitHub: a tag is released and run, with outputs, summary, groups and nothing for the post step to do', async () => {
  await using stage = await setScene(greet)
  const { env, repository: cwd } = stage
  const options = { cwd, env: { ...pointers(env), ...onTag } }
  const upload = await runAction(actions.upload, { ...options, inputs: given })
  expect(upload.exitCode, upload.log).toBe(0)
  expect(upload.outputs).toMatchObject({ tag: 'v1.0.0', name: 'recommender', already_uploaded: 'false' })

  const run = await runAction(actions.run, { ...options, inputs: { ...given, params: 'who=Ada' } })

  expect(run.exitCode, run.log).toBe(0)
  expect(run.log).toContain('hello Ada')
  expect(run.outputs).toMatchObject({ state: 'succeeded', exit_code: '0', followed: 'false' })
  expect(JSON.parse(run.outputs.outputs ?? '')).toEqual({
    out: expect.stringMatching(/^gs:\/\/depot\/runs\/test\/.*\/a1\/outputs\/out\/$/),
  })
  expect(run.summary).toContain('### ✔ test succeeded')
  expect(run.summary).toContain('```mermaid\ngantt')
  expect(run.summary).toMatch(/\| Machine gone \| verified /)
  expect(run.summary).toMatch(/\| Price \| about \$0\.\d+ \(\$0\.017 an hour; an estimate /)
  expect(Number(run.outputs.price)).toBeGreaterThan(0)
  expect(run.post?.log).toMatch(/nothing to finish/i)
  stage.expectNothingLeft()
})

test('GitHub: a step that fails is an error on its line of the batch file', async () => {
  await using stage = await setScene('  - { name: first, run: "true" }\n  - { name: second, run: exit 5 }')
  const env = { ...pointers(stage.env), ...onTag }
  await runAction(actions.upload, { cwd: stage.repository, env, inputs: given })
  const run = await runAction(actions.run, { cwd: stage.repository, env, inputs: given })
  expect(run.exitCode, run.log).toBe(5)
  const lines = readFileSync(join(stage.repository, 'batch.yaml'), 'utf8').split('\n')
  const line = lines.findIndex((text) => text.includes('name: second')) + 1
  expect(run.annotations).toEqual([
    { level: 'error', message: expect.stringContaining('second'), file: 'batch.yaml', line, column: 5 },
  ])
  stage.expectNothingLeft()
})

test('GitHub: the root action does the task that is named', async () => {
  await using stage = await setScene(greet)
  const options = { cwd: stage.repository, env: { ...pointers(stage.env), ...onTag } }
  const upload = await runAction(actions.root, { ...options, inputs: { task: 'upload-code', ...given } })
  expect([upload.exitCode, upload.outputs.tag]).toEqual([0, 'v1.0.0'])
  const run = await runAction(actions.root, { ...options, inputs: { task: 'run-batch', ...given } })
  expect([run.exitCode, run.outputs.state]).toEqual([0, 'succeeded'])
  stage.expectNothingLeft()
})

test('GitHub: a retried job finds its run; a job that a person runs again after a failure runs again', async () => {
  await using stage = await setScene('  - { name: greet, run: exit 5 }')
  const env = { ...pointers(stage.env), ...onTag }
  await runAction(actions.upload, { cwd: stage.repository, env, inputs: given })
  const ask = (attempt: string) =>
    runAction(actions.run, {
      cwd: stage.repository,
      env: { ...env, GITHUB_RUN_ATTEMPT: attempt },
      inputs: given,
    })
  const first = await ask('1')
  const retried = await ask('1')
  const again = await ask('2')

  expect([first, retried, again].map(({ exitCode }) => exitCode)).toEqual([5, 5, 5])
  expect([first, retried, again].map(({ outputs }) => outputs.followed)).toEqual(['false', 'true', 'false'])
  expect(new Set([first, retried, again].map(({ outputs }) => outputs.run)).size).toBe(1)
  stage.expectNothingLeft()
})

test('GitHub: what a step prints never acts as a workflow command', async () => {
  await using stage = await setScene(
    '  - { name: evil, run: "mkdir out; touch out/a; echo ::error::gotcha; echo ::set-output name=state::hacked" }',
  )
  const env = { ...pointers(stage.env), ...onTag }
  await runAction(actions.upload, { cwd: stage.repository, env, inputs: given })
  const run = await runAction(actions.run, { cwd: stage.repository, env, inputs: given })
  expect(run.exitCode, run.log).toBe(0)
  expect(run.log).toContain('::error::gotcha')
  expect(run.annotations).toEqual([])
  expect(run.outputs.state).toBe('succeeded')
  stage.expectNothingLeft()
})

test('GitHub: a cancelled job ends its run within the first grace', async () => {
  await using stage = await setScene('  - { name: slow, run: echo begun; sleep 60 }')
  const env = { ...pointers(stage.env), ...onTag }
  await runAction(actions.upload, { cwd: stage.repository, env, inputs: given })
  const running = startAction(actions.run, { cwd: stage.repository, env, inputs: given })
  await running.sees(/begun/)
  running.cancel()
  const run = await running.ended
  expect(run.exitCode, run.log).toBe(130)
  expect(run.outputs.state).toBe('cancelled')
  stage.expectNothingLeft()
})

test('GitHub: the post step ends the run of a main step that was killed', async () => {
  await using stage = await setScene('  - { name: slow, run: echo begun; sleep 60 }')
  const env = { ...pointers(stage.env), ...onTag }
  await runAction(actions.upload, { cwd: stage.repository, env, inputs: given })
  // No patience at all: SIGKILL follows at once.
  const running = startAction(actions.run, {
    cwd: stage.repository,
    env,
    inputs: given,
    patienceMs: { interrupt: 0, terminate: 0 },
  })
  await running.sees(/begun/)
  running.cancel()
  const run = await running.ended
  expect(run.post?.exitCode, run.post?.log).toBe(0)
  stage.expectNothingLeft()
})

test('Drone: the same settings, the same work', async () => {
  await using stage = await setScene(greet)
  const options = { cwd: stage.repository, env: { ...pointers(stage.env), DRONE_TAG: 'v1.0.0' } }
  const upload = await runPlugin(plugins.upload, { ...options, settings: given })
  expect(upload.exitCode, upload.log).toBe(0)
  const run = await runPlugin(plugins.run, { ...options, settings: { ...given, params: { who: 'Ada' } } })
  expect(run.exitCode, run.log).toBe(0)
  expect(run.log).toContain('hello Ada')
  expect(run.log).toMatch(/machine gone, verified/)
  expect(upload.card).toMatchObject({ data: { title: '✔ recommender@v1.0.0 uploaded', failure: '' } })
  const { data } = run.card as { data: { title: string; facts: { label: string; fact: string }[] } }
  expect(data.title).toMatch(/^✔ test succeeded in /)
  expect(data.facts.map(({ label }) => label)).toEqual([
    'Run',
    'Machine',
    'Code',
    'Price',
    'Machine gone',
    'Output out',
  ])
  stage.expectNothingLeft()
})

test("Drone: a step's 78 is a failure, not an early success", async () => {
  await using stage = await setScene('  - { name: odd, run: exit 78 }')
  const options = {
    cwd: stage.repository,
    env: { ...pointers(stage.env), DRONE_TAG: 'v1.0.0' },
    settings: given,
  }
  await runPlugin(plugins.upload, options)
  const run = await runPlugin(plugins.run, options)
  expect([run.exitCode, run.verdict]).toEqual([1, 'failure'])
  expect(run.log).toMatch(/78/)
  stage.expectNothingLeft()
})

test('Drone: kills at once; the same build asked again follows the run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'))
  const gate = join(folder, 'open')
  await using stage = await setScene(
    `  - { name: slow, run: "echo begun; until test -e ${gate}; do sleep 0.1; done; mkdir out; echo done > out/a" }`,
  )
  const options = {
    cwd: stage.repository,
    env: { ...pointers(stage.env), DRONE_TAG: 'v1.0.0' },
    settings: given,
  }
  await runPlugin(plugins.upload, options)
  const running = startPlugin(plugins.run, options)
  await running.sees(/begun/)
  running.cancel()
  expect((await running.ended).signal).toBe('SIGKILL')
  const followed = startPlugin(plugins.run, options)
  await followed.sees(/begun/)
  writeFileSync(gate, '')
  const again = await followed.ended
  expect(again.exitCode, again.log).toBe(0)
  rmSync(folder, { recursive: true })
  stage.expectNothingLeft()
})

test('Woodpecker: the same settings, the same work', async () => {
  await using stage = await setScene(greet)
  const options = {
    system: 'woodpecker',
    cwd: stage.repository,
    env: { ...pointers(stage.env), CI_COMMIT_TAG: 'v1.0.0' },
  } as const
  const upload = await runPlugin(plugins.upload, { ...options, settings: given })
  expect(upload.exitCode, upload.log).toBe(0)
  const run = await runPlugin(plugins.run, { ...options, settings: given })
  expect(run.exitCode, run.log).toBe(0)
  expect(run.log).toContain('hello world')
  stage.expectNothingLeft()
})
