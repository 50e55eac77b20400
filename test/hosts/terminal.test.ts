import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openTerminalHost } from '../../adapters/hosts/terminal.ts'
import { InputError } from '../../core/errors.ts'
import { type Fields, flag, list, map, readInputs, text } from '../../core/fields.ts'
import { findTool, testWith } from '../tools.ts'
import { openSilence } from './fixtures/silence.ts'

const script = join(import.meta.dirname, 'fixtures/terminal-main.ts')

const fields = {
  batch: text({ description: 'A file.', positional: true, required: true }),
  params: map({ description: 'Values.', flag: 'param' }),
  tags: list({ description: 'Words.' }),
  machine_type: text({ description: 'A name.', example: 'n2' }),
  dry_run: flag({ description: 'Change nothing.' }),
  wait: flag({ description: 'Wait.', default: 'true' }),
} satisfies Fields

function open(...argv: string[]) {
  return openTerminalHost(argv, fields, { USER: 'ada' }, openSilence())
}

test.each<[string, Record<string, unknown>]>([
  ['b.yaml', { batch: 'b.yaml' }],
  ['--batch b.yaml', { batch: 'b.yaml' }],
  ['b.yaml --machine-type n2', { batch: 'b.yaml', machine_type: 'n2' }],
  ['b.yaml --machine_type=n2', { batch: 'b.yaml', machine_type: 'n2' }],
  ['--dry-run b.yaml', { batch: 'b.yaml', dry_run: 'true' }],
  ['--dry-run=false b.yaml', { batch: 'b.yaml', dry_run: 'false' }],
  ['--no-wait b.yaml', { batch: 'b.yaml', wait: 'false' }],
  ['--param a=1 --param b=x=y', { params: ['a=1', 'b=x=y'] }],
  ['--params a=1', { params: 'a=1' }],
  ['--tags x --tags y,z', { tags: ['x', 'y,z'] }],
  ['--machine-type=-x', { machine_type: '-x' }],
  ['--dry-run -- --odd.yaml', { batch: '--odd.yaml', dry_run: 'true' }],
  ['--json b.yaml', { batch: 'b.yaml' }],
])('%s', (line, given) => {
  expect(open(...line.split(' ')).given()).toEqual(given)
})

function readProblems(argv: readonly string[]): readonly string[] {
  const host = open(...argv)
  try {
    readInputs(fields, { ...host, given: host.given() })
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ where, message }) => `${where}: ${message}`)
    throw error
  }
  return []
}

test.each<[string, readonly string[]]>([
  ['b.yaml --machin-type n2', ['--machin-type: there is no such input. Did you mean "--machine-type"?']],
  ['--dryrun b.yaml', ['--dryrun: there is no such input. Did you mean "--dry-run"?']],
  ['--pram a=1 b.yaml', ['--pram: there is no such input. Did you mean "--param"?']],
  ['b.yaml c.yaml', ['"c.yaml": there is no such input.']],
  ['b.yaml -x', ['-x: there is no such input.']],
  ['b.yaml --machine-type n1 --machine-type n2', ['--machine-type: expected one value, got 2.']],
  ['b.yaml --dry-run=perhaps', ['--dry-run: expected true or false, got "perhaps".']],
  ['b.yaml --machine-type', ['--machine-type: expected a value, such as n2, got none.']],
  [
    'b.yaml --machine-type --dry-run',
    [
      '--machine-type: expected a value, such as n2, got --dry-run. A value that begins with a dash is written --machine-type=--dry-run',
    ],
  ],
  [
    '--wat',
    ['--wat: there is no such input. Did you mean "--wait"?', '<batch>: required, and not given. A file.'],
  ],
])('%s is refused', (line, problems) => {
  expect(readProblems(line.split(' '))).toEqual(problems)
})

test('a word that is a name of an input is still one word too many', () => {
  expect(readProblems(['b.yaml', 'machine_type'])).toEqual([
    '"machine_type": there is no such input. Did you mean "--machine-type"?',
  ])
})

test('every call is a new wish of whoever sits there', () => {
  const { context } = open()
  expect(context).toEqual({ jobAttempt: 1, by: 'terminal ada' })
})

interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

async function run(argv: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(process.execPath, [script, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, exitCode }
}

test('the log goes to standard error, text of programs and the result to standard output', async () => {
  expect(await run(['--say', 'half', '--token', 'hunter2'])).toEqual({
    stdout: 'half\nthe end\n',
    stderr: 'token ******\n── Echo ──\nafter\nwarning: careful\n',
    exitCode: 0,
  })
})

test('with --json, standard output has the result and nothing else', async () => {
  const { stdout, stderr, exitCode } = await run(['--json', '--say', 'half', '--exit-code', '3'])

  expect(JSON.parse(stdout)).toMatchObject({ say: 'half', exitCode: '3' })
  expect(stderr).toContain('half\nafter\n')
  expect(stderr).toMatch(/error: It did not\n {2}go well: 100 %\.\n$/)
  expect(exitCode).toBe(3)
})

test('problems are told together, in the spelling of the command line', async () => {
  expect(await run(['--machin-type', 'n2', '--loud=perhaps'])).toEqual({
    stdout: '',
    stderr:
      'error: 2 problems\n' +
      '  --machin-type: there is no such input. Did you mean "--machine-type"?\n' +
      '  --loud: expected true or false, got "perhaps".\n',
    exitCode: 64,
  })
})

test('an error that nobody foresaw shows where it arose and what was behind it', async () => {
  const { stderr, exitCode } = await run(['--fail', 'bug'])

  expect(stderr).toMatch(/error: x is not a function\n\s+at .*echo\.ts/)
  expect(stderr).toMatch(/Cause: the root\n$/)
  expect(exitCode).toBe(70)
})

test('colours are for those who ask', async () => {
  const { stderr } = await run([], { FORCE_COLOR: '1', NO_COLOR: '1' })

  expect(stderr).toContain('\u001b[1m── Echo ──\u001b[22m\n')
  expect((await run([], { NO_COLOR: '1' })).stderr).not.toContain('\u001b')
})

test('Ctrl-C asks to stop, and says so', async () => {
  const child = spawn(process.execPath, [script, '--hold'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const stderr = readAll(child.stderr)
  child.stderr.on('data', (text) => String(text).includes('holding') && child.kill('SIGINT'))

  expect(await once(child, 'close')).toEqual([130, null])
  expect(await stderr).toMatch(
    /holding\nCancelled by SIGINT\. Cleaning up; Ctrl-C again leaves at once\.\nerror: Cancelled by SIGINT\.\n$/,
  )
})

const pty = findTool('script', ['script', '-qec', 'true', '/dev/null'], false)

testWith(pty, 'on a terminal, lines begin on lines of their own', async () => {
  const command = `${process.execPath} ${script} --say half`
  const child = spawn(pty.name, ['-qec', command, '/dev/null'], {
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

  expect((await readAll(child.stdout)).replaceAll('\r', '')).toBe(
    'token undefined\n── Echo ──\nhalf\nafter\nwarning: careful\nthe end\n',
  )
})

/** A terminal's streams, written down in order. */
function openTypewriter() {
  const written: string[] = []
  const stream = (name: string) => ({
    isTTY: true,
    columns: 12,
    write: (text: string) => written.push(`${name}${text}`),
  })
  return { program: { ...openSilence(), on() {}, stdout: stream('out:'), stderr: stream('') }, written }
}

test('a progress line gives way to all else and keeps off half-written lines', () => {
  const { program, written } = openTypewriter()
  const { log } = openTerminalHost([], fields, { NO_COLOR: '1' }, program)

  log.progress('1 % of a long way')
  log.progress('2 %')
  log.output('half')
  log.progress('3 %')
  log.info('line')

  expect(written).toEqual(['1 % of a lo', '\r\u001b[2K', '2 %', '\r\u001b[2K', 'out:half', '\nline\n'])
})
