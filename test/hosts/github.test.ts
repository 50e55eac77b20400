import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openGithubHost } from '../../adapters/hosts/github.ts'
import { type Action, type ActionOptions, runAction, startAction } from '../runner/github.ts'
import { openSilence } from './fixtures/silence.ts'

const action: Action = {
  main: join(import.meta.dirname, 'fixtures/action-main.ts'),
  post: join(import.meta.dirname, 'fixtures/action-post.ts'),
  inputs: { matrix: '${{ toJSON(matrix) }}', exit_code: '0' },
}

function runEcho(inputs: Record<string, string> = {}, options: ActionOptions = {}) {
  return runAction(action, { ...options, inputs })
}

test('a step says, hands on and sums up', async () => {
  const result = await runEcho({ say: 'one\n\ntwo\n' })

  expect(result.exitCode).toBe(0)
  expect(result.outputs).toMatchObject({ early: 'yes', said: 'one\n\ntwo' })
  expect(result.state).toEqual({ vm: 'vm-1' })
  expect(result.summary).toBe('# Said\n')
  expect(result.annotations).toEqual([{ level: 'warning', message: 'careful' }])
  expect(result.log).toMatch(/^token undefined\n##\[group\]Echo\n::stop-commands::\S+\none\n\ntwo\nafter\n/)
  expect(result.log).toMatch(/##\[endgroup\]\n##\[warning\]careful\nthe end\n$/)
  expect(result.post).toMatchObject({ exitCode: 0, log: 'post of vm-1\n' })
})

test('no text of a user acts as a command', async () => {
  const attack = [
    '::add-mask::after',
    '##[error]old',
    'x\r::error::carriage',
    '  ::set-output name=said::stolen',
    '::stop-commands::mine',
    '::mine::',
    '::save-state name=vm::vm-2',
    '::group::unclosed',
    'half a line ::',
  ].join('\n')

  const { commands, annotations, outputs, state, log } = await runEcho({ say: attack })

  expect(commands).toEqual(['group', 'stop-commands', 'endgroup', 'warning'])
  expect(annotations).toHaveLength(1)
  expect(outputs.said).toBe(attack)
  expect(state).toEqual({ vm: 'vm-1' })
  expect(log).toContain('half a line ::\nafter\n::')
})

test('a line of our own that quotes a command does not act', async () => {
  const plain = await runEcho({ token: 'a secret' })
  const quoting = await runEcho({ token: '##[error]x' })

  expect(plain.commands).toEqual(['add-mask', 'group', 'stop-commands', 'endgroup', 'warning'])
  expect(quoting.commands).toEqual(['add-mask', 'stop-commands', ...plain.commands.slice(1)])
})

test('the stop token is another one each time', async () => {
  const tokens = await Promise.all([runEcho(), runEcho()])
  const [first, second] = tokens.map(({ log }) => /::stop-commands::(\S{36})\n/.exec(log)?.[1])

  expect(first).toBeDefined()
  expect(first).not.toBe(second)
})

test('a secret is masked before the first line, and its braces are not', async () => {
  const key = JSON.stringify({ private_key: 'abc' }, null, 2)
  const { log } = await runEcho({ token: key, say: '{ "private_key": "abc" } }' })

  expect(log).toContain('token {\n  ***\n}\n')
  expect(log).toContain('{ *** } }')
})

test('all problems with inputs are told in the spelling of the workflow', async () => {
  const { exitCode, annotations, outputs } = await runEcho({ machin_type: 'n2', loud: 'perhaps', empty: '' })

  expect(exitCode).toBe(64)
  expect(annotations.map(({ message }) => message)).toEqual([
    'machin_type: there is no such input. Did you mean "machine_type"?',
    'loud: expected true or false, got "perhaps".',
  ])
  expect(outputs).toEqual({})
})

test("a plugin's setting beside an action's inputs is refused, whichever of them was meant", async () => {
  const env = { PLUGIN_SAY: 'from Drone', PLUGIN_DIR: 'of somebody else' }
  const { exitCode, annotations } = await runEcho({ say: 'from GitHub' }, { env })

  expect([exitCode, ...annotations.map(({ message }) => message)]).toEqual([
    64,
    'PLUGIN_SAY: this variable gives say to a plugin of Drone or Woodpecker, and this is a GitHub action: write say under "with:", and take the variable away.',
  ])
})

test('a problem in a file is annotated at its place', async () => {
  const { annotations, exitCode, log } = await runEcho({ fail: 'input' })

  expect(exitCode).toBe(64)
  expect(annotations.slice(1)).toEqual([
    {
      level: 'error',
      file: 'batch.yaml',
      line: 3,
      column: 5,
      message: 'batch.yaml:3:5: there is no key "machin".',
    },
    { level: 'error', message: 'tags: expected words.' },
  ])
  expect(log).not.toContain('    at ')
})

test('a failure says its whole reason and keeps its exit code', async () => {
  const { annotations, exitCode, outputs } = await runEcho({ exit_code: '78' })

  expect(exitCode).toBe(78)
  expect(annotations.at(-1)).toEqual({ level: 'error', message: 'It did not\ngo well: 100 %.' })
  expect(outputs.said).toBe('hello')
})

test('what nobody foresaw says where it arose and why', async () => {
  const { annotations, exitCode, log } = await runEcho({ fail: 'bug' })

  expect(exitCode).toBe(70)
  expect(annotations.at(-1)?.message).toBe('x is not a function')
  expect(log).toMatch(/ at .*echo\.ts:\d+/)
  expect(log).toContain('Cause: the root\n')
})

test('a summary that GitHub would drop is cut at a line', async () => {
  const { summary } = await runEcho({ loud: 'true' })

  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1024 * 1024)
  expect(Buffer.byteLength(summary)).toBeGreaterThan(1024 * 1024 - 200)
  expect(summary).toMatch(/\na line of some length\n\n… The rest .*\n$/)
})

test('a cancelled step leaves with 130 and its state', async () => {
  const running = startAction(action, { inputs: { hold: 'true' } })

  await running.sees(/holding/)
  running.cancel()
  const result = await running.ended

  expect(result).toMatchObject({ exitCode: 130, state: { vm: 'vm-1' }, outputs: { early: 'yes' } })
  expect(result.annotations.at(-1)).toEqual({ level: 'error', message: 'Cancelled by SIGINT.' })
  expect(result.post?.log).toBe('post of vm-1\n')
})

test('work that does not stop is left at once on the second signal', async () => {
  const deaf = { main: join(import.meta.dirname, 'fixtures/deaf-main.ts'), inputs: {} }
  const running = startAction(deaf, { patienceMs: { interrupt: 200, terminate: 5000 } })

  await running.sees(/holding/)
  running.cancel()
  const { exitCode, signal } = await running.ended

  expect({ exitCode, signal }).toEqual({ exitCode: 143, signal: undefined })
})

test('an output that cannot be handed on is an error', () => {
  const host = openGithubHost({}, openSilence())

  expect(() => host.setOutput('run', 'runs/x/y')).toThrow(
    /^GITHUB_OUTPUT is not set, so that run cannot be handed on/,
  )
  expect(() => host.saveState('run', 'runs/x/y')).toThrow(/^GITHUB_STATE is not set/)
})

async function readContext(options: ActionOptions = {}) {
  const { outputs } = await runEcho({}, options)
  return JSON.parse(outputs.given ?? '').context as Record<string, unknown>
}

test('tells where it was asked for', async () => {
  const env = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.4.0', GITHUB_RUN_ATTEMPT: '2' }

  expect(await readContext({ env })).toEqual({
    repository: 'acme/recommender',
    tag: 'v1.4.0',
    commit: '8d5e957f297893487bd98fa830fa6413d5eb2a5f',
    job: '724512/9001/batch/__acme_mayfly/single',
    jobAttempt: 2,
    link: 'https://github.com/acme/recommender/actions/runs/9001/attempts/2',
    by: 'github octocat',
  })
  expect(await readContext()).not.toHaveProperty('tag')
})

test('the jobs of a matrix have names of their own, the same on every attempt', async () => {
  const [debian, ubuntu, again] = await Promise.all([
    readContext({ matrix: { os: 'debian' } }),
    readContext({ matrix: { os: 'ubuntu' } }),
    readContext({ matrix: { os: 'debian' }, env: { GITHUB_RUN_ATTEMPT: '2' } }),
  ])

  expect(debian.job).not.toBe(ubuntu.job)
  expect(debian.job).toBe(again.job)
})
