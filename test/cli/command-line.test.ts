import { expect, test } from 'vitest'
import { openTerminalHost } from '../../adapters/hosts/terminal.ts'
import { type Asked, readAsked } from '../../cli/asked.ts'
import { entries, loadCommand } from '../../cli/commands.ts'
import { writeHelp } from '../../cli/help.ts'
import { alignColumns, wrapText } from '../../cli/layout.ts'
import { findSite } from '../../cli/site.ts'
import { openSilence } from '../hosts/fixtures/silence.ts'
import { runMayfly } from './mayfly.ts'

const site = findSite('file:///mayfly/dist/cli/main.js')

function describe(asked: Asked): string {
  if (asked.kind === 'unknown') return asked.message
  if (asked.kind === 'version') return 'version'
  if (asked.kind === 'overview') return `overview ${asked.prefix} ${asked.wanted}`
  const name = `${asked.local ? 'local ' : ''}${asked.entry.name}`
  return asked.kind === 'help' ? `help ${name}` : `${name} [${asked.argv}]`
}

test.each([
  ['', 'overview  false'],
  ['--help', 'overview  true'],
  ['help', 'overview  true'],
  ['-V', 'version'],
  ['run-batch b.yaml --param a=1', 'run-batch [b.yaml,--param,a=1]'],
  ['run-batch b.yaml -h', 'help run-batch'],
  ['help run-batch', 'help run-batch'],
  ['run-batch -- --help', 'run-batch [--,--help]'],
  ['runs list', 'runs list []'],
  ['runs', 'overview runs false'],
  ['runs --help', 'overview runs true'],
  ['help runs', 'overview runs true'],
  ['local run-batch b.yaml', 'local run-batch [b.yaml]'],
  ['local runs show x --help', 'help local runs show'],
  ['local up', 'local up []'],
  ['demo', 'demo []'],
  ['run-bath', 'there is no command "run-bath". Did you mean "run-batch"?'],
  ['docter batch.yaml', 'there is no command "docter". Did you mean "doctor"?'],
  ['run-btach', 'there is no command "run-btach". Did you mean "run-batch"?'],
  ['runs lst', 'there is no command "runs lst". Did you mean "runs list"?'],
  ['rnus list', 'there is no command "rnus". Did you mean "runs"?'],
  ['local dwon', 'there is no command "local dwon". Did you mean "local down"?'],
  ['local runs lst', 'there is no command "local runs lst". Did you mean "local runs list"?'],
  ['local demo', 'there is no command "local demo". Did you mean "local down"?'],
  ['--json runs list', 'expected a command first, got --json.'],
])('mayfly %s', (line, asked) => {
  expect(describe(readAsked(line === '' ? [] : line.split(' '), entries))).toBe(asked)
})

const tasks = entries.filter(({ load }) => 'task' in load)

test.each(entries)('the examples of $name are understood', async (entry) => {
  const isTask = tasks.includes(entry)
  for (const local of isTask ? [false, true] : [false]) {
    const { fields } = await loadCommand(entry, local, site)
    for (const example of entry.examples) {
      const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      const asked = readAsked(local ? ['local', ...words] : words, entries)
      if (asked.kind !== 'command') throw new Error(`${example}: ${describe(asked)}`)
      const given = openTerminalHost(asked.argv, fields, {}, openSilence()).given()
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(given)))
    }
  }
})

test('help of a command tells all its flags, their defaults and variables, and the exit codes', async () => {
  const entry = entries.find(({ name }) => name === 'run-batch')
  if (entry === undefined) throw new Error('There is no run-batch.')
  const lines = writeHelp(entry, await loadCommand(entry, false, site), { local: false, width: 400 })
  const help = lines.join('\n')

  expect(help).toContain('Usage: mayfly run-batch [<batch>] [flags]\n')
  expect(help).toMatch(/ {2}<batch> {2}The batch file\. \(default: batch\.yaml\)\n/)
  expect(help).toMatch(/ {2}--param <name=value> +Values .*\(may be given many times; such as /)
  expect(help).toMatch(/ {2}--\[no-\]wait .*\(default: true\)\n/)
  expect(help).toMatch(/ {2}--bucket <bucket> .*\(required; such as acme-mayfly; or by MAYFLY_BUCKET/)
  expect(help).toMatch(/\n {2}124 +A step or the run took longer/)
  expect(help).toMatch(/\n {2}other +The failing step's own\.$/)
})

test('on the local cloud, project and bucket are there already', async () => {
  const entry = entries.find(({ name }) => name === 'upload-code')
  if (entry === undefined) throw new Error('There is no upload-code.')
  const help = writeHelp(entry, await loadCommand(entry, true, site), { local: true, width: 400 }).join('\n')

  expect(help).toMatch(/--project <project> .*\(default: local\)\n/)
  expect(help).toMatch(/--bucket <bucket> .*\(default: mayfly\)\n/)
  expect(help).toMatch(/--state <state> .*MAYFLY_LOCAL_STATE/)
  expect(help).toContain('--slack-webhook')
  expect(help).not.toContain('SLACK_WEBHOOK_URL')
})

test('the line is as wide as it may be and no wider, unless a word is', () => {
  expect(wrapText('one two three indivisible', 9)).toEqual(['one two', 'three', 'indivisible'])
  const rows = [
    ['-a', 'first second'],
    ['--a-name-much-longer-than-others-of-the-kind', 'x'],
  ] as const
  expect(alignColumns(rows, 26)).toEqual([
    '  -a  first second',
    '  --a-name-much-longer-than-others-of-the-kind',
    '      x',
  ])
})

test('help goes to standard output; a command that is not there to standard error, with 64', async () => {
  const help = await runMayfly(['--help'])
  expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  for (const { name } of entries) expect(help.stdout).toContain(`\n  ${name} `)

  const unknown = await runMayfly(['run-btach'])
  expect(unknown).toEqual({
    exitCode: 64,
    stdout: '',
    stderr:
      'error: there is no command "run-btach". Did you mean "run-batch"?\n\'mayfly help\' lists all commands.\n',
  })
  expect(await runMayfly([])).toEqual({ exitCode: 64, stdout: '', stderr: help.stdout })
  expect((await runMayfly(['--version'])).stdout).toMatch(/^mayfly \d+\.\d+\.\d+\n$/)
})
