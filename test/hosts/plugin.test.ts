import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from 'adaptivecards-templating'
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

test("an action's input beside a plugin's settings is refused, whichever of them was meant", async () => {
  const env = { INPUT_SAY: 'from GitHub', INPUT_PATH: 'of somebody else' }
  const { log, exitCode } = await runPlugin(script, { env, settings: { say: 'from Drone', loud: 'perhaps' } })

  expect([exitCode, log]).toEqual([
    64,
    'Error: INPUT_SAY: this variable gives say to a GitHub action, and this is a plugin of Drone or Woodpecker: write say under "settings:", and take the variable away.\n' +
      'Error: loud: expected true or false, got "perhaps".\n',
  ])
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

const template = JSON.parse(readFileSync(join(import.meta.dirname, '../../drone-plugins/card.json'), 'utf8'))

/** What Drone's page makes of a card: it expands the template that the card names, with the card's data. */
function expand(card: unknown) {
  const { data } = card as { data: object }
  return new Template(template).expand({ $root: data })
}

test('Drone is given a card, which its page fills into our template', async () => {
  const settings = { say: 'all is ${title}', token: 'hunter2', exit_code: 3 }
  const { card } = await runPlugin(script, { settings })

  expect(card).toMatchObject({
    schema: 'https://raw.githubusercontent.com/OWNER/mayfly/v1/drone-plugins/card.json',
  })
  expect(JSON.stringify(card)).not.toContain('hunter2')
  expect(expand(card).body).toMatchObject([
    { type: 'TextBlock', text: 'Echo' },
    { type: 'TextBlock', text: 'It did not\ngo well: 100 %.', color: 'Attention' },
    {
      type: 'FactSet',
      facts: [
        { title: 'Said', value: 'all is ${title}' },
        { title: 'Token', value: '******' },
      ],
    },
  ])
})

test("a card has a failure only where there is one, and a template of the team's own", async () => {
  const { card } = await runPlugin(script, {
    env: { MAYFLY_CARD_TEMPLATE: 'https://git.acme.example/card.json' },
  })

  expect(card).toMatchObject({ schema: 'https://git.acme.example/card.json' })
  expect(expand(card).body.map(({ type }: { type: string }) => type)).toEqual(['TextBlock', 'FactSet'])
})

test('without a place for a card there is none; a place that is a file gets it whole, and one that is none is a warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'card-'))
  const file = join(folder, 'card.json')
  const run = (path: string) => runPlugin(script, { env: { DRONE_CARD_PATH: path } })

  expect(await run('')).toMatchObject({ exitCode: 0, log: expect.stringMatching(/the end\n$/) })
  expect(await run(file)).toMatchObject({ exitCode: 0, log: expect.stringMatching(/the end\n$/) })
  expect(expand(JSON.parse(readFileSync(file, 'utf8'))).body).toHaveLength(2)
  expect(await run(join(folder, 'none/card.json'))).toMatchObject({
    exitCode: 0,
    log: expect.stringMatching(/Warning: the card was not written: ENOENT.*\n$/),
  })
  rmSync(folder, { recursive: true })
})
