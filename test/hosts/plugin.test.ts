import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type PluginOptions, runPlugin, startPlugin } from '../runner/drone.ts'

const script = join(import.meta.dirname, 'fixtures/plugin-main.ts')

test.each(['drone', 'harness', 'woodpecker'] as const)('a plugin says plain lines in %s', async (system) => {
  const { log, exitCode } = await runPlugin(script, { system, settings: { say: 'half' } })

  expect(exitCode).toBe(0)
  expect(log).toBe('token undefined\n--- Echo\nhalf\nafter\nWarning: careful\nthe end\n')
})

test('a secret setting is hidden by us too, line by line', async () => {
  const { log } = await runPlugin(script, { settings: { token: '{\nhunter2\n}', say: 'a hunter2 {' } })

  expect(log).toContain('token {\n******\n}\n')
  expect(log).toContain('a ****** {\n')
})

test('problems are told in the spelling of the pipeline', async () => {
  const { log, exitCode } = await runPlugin(script, { settings: { 'machine-type': 'n2', loud: 'perhaps' } })

  expect(exitCode).toBe(64)
  expect(log).toBe(
    'Error: machine-type: there is no such input. Did you mean "machine_type"?\n' +
      'Error: loud: expected true or false, got "perhaps".\n',
  )
})

test('the code that Drone takes for success becomes 1, and says so', async () => {
  const settings = { exit_code: 78 }
  const drone = await runPlugin(script, { settings })
  const woodpecker = await runPlugin(script, { settings, system: 'woodpecker' })

  expect(drone).toMatchObject({ exitCode: 1, verdict: 'failure' })
  expect(drone.log).toMatch(/go well: 100 %\.\nExit code 78 .* leaving with 1 instead\.\n$/)
  expect(woodpecker).toMatchObject({ exitCode: 78, verdict: 'failure' })
})

test('Harness gets outputs, whatever is in them', async () => {
  const say = 'a "quoted" $HOME line\nand another'
  const { outputs } = await runPlugin(script, { system: 'harness', settings: { say } })

  expect(outputs).toMatchObject({ early: 'yes', said: say })
  expect(JSON.parse(outputs.given ?? '')).toMatchObject({ say })
})

test('Woodpecker asks a plugin to stop', async () => {
  const running = startPlugin(script, { system: 'woodpecker', settings: { hold: true } })

  await running.sees(/holding/)
  running.cancel()

  expect(await running.ended).toMatchObject({
    exitCode: 143,
    log: expect.stringMatching(/Error: Cancelled by SIGTERM\.\n$/),
  })
})

async function readContext(options: PluginOptions) {
  const { log } = await runPlugin(join(import.meta.dirname, 'fixtures/plugin-context.ts'), options)
  return JSON.parse(log) as unknown
}

test('tells where it was asked for', async () => {
  const commit = '8d5e957f297893487bd98fa830fa6413d5eb2a5f'

  expect(await readContext({ env: { DRONE_TAG: 'v1' } })).toEqual({
    name: 'Drone',
    context: {
      repository: 'acme/recommender',
      tag: 'v1',
      commit,
      job: 'acme/recommender/42/1/3',
      jobAttempt: 1,
      link: 'https://drone.acme.example/acme/recommender/42',
      by: 'drone',
    },
  })
  expect(await readContext({ system: 'woodpecker', env: { CI_COMMIT_TAG: 'v2' } })).toEqual({
    name: 'Woodpecker',
    context: {
      repository: 'acme/recommender',
      tag: 'v2',
      commit,
      job: 'acme/recommender/7/1/run',
      jobAttempt: 1,
      link: 'https://woodpecker.acme.example/repos/1/pipeline/7',
      by: 'woodpecker octocat',
    },
  })
})

test('a job that the system does not name whole has no name', async () => {
  expect(await readContext({ env: { DRONE_STEP_NUMBER: '' } })).not.toHaveProperty('context.job')
})
