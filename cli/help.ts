import { spellFlag } from '../adapters/hosts/terminal-flags.ts'
import { exitCodes } from '../core/errors.ts'
import { exitMeanings } from '../core/exit-codes.ts'
import type { Field } from '../core/fields.ts'
import type { Command } from './command.ts'
import type { Entry } from './commands.ts'
import { alignColumns, measureNames, type Row, wrapText } from './layout.ts'

/** Every command with its summary, by group. */
export function writeOverview(
  summaries: readonly (readonly [Entry, string])[],
  { prefix, width }: { readonly prefix: string; readonly width: number },
): readonly string[] {
  const shown = summaries.filter(([{ name }]) => prefix === '' || name.startsWith(`${prefix} `))
  const groups = [...new Set(shown.map(([{ group }]) => group))].map((title) => {
    const rows = shown.filter(([{ group }]) => group === title).map(([{ name }, text]): Row => [name, text])
    return { title, rows: title === localGroup ? [localRow, ...rows] : rows }
  })
  const start = measureNames(groups.flatMap(({ rows }) => rows))
  return [
    ...(prefix === '' ? ['Mayfly: machines that live for one batch.', ''] : []),
    `Usage: mayfly ${prefix === '' ? '' : `${prefix} `}<command> [flags]`,
    ...groups.flatMap(({ title, rows }) => ['', title, ...alignColumns(rows, width, start)]),
    '',
    ...wrapText(
      'mayfly <command> --help says more of one. With --json the result is JSON, and alone on standard output.',
      width,
    ),
  ]
}

const localGroup = 'Without a cloud'
const localRow: Row = [
  'local <command>',
  'Any of the commands above, on a small Google Cloud on this computer.',
]

/** All about one command. */
export function writeHelp(
  { name, examples, exits }: Entry,
  { summary, fields }: Command,
  { local, width }: { readonly local: boolean; readonly width: number },
): readonly string[] {
  const words = Object.entries(fields).filter(([, field]) => field.positional)
  const flags = Object.entries(fields).filter(([, field]) => !field.positional)
  const usage = words.map(([word, field]) => (field.required ? `<${word}>` : `[<${word}>]`))
  const called = local ? `local ${name}` : name
  const section = (title: string, rows: readonly Row[]) =>
    rows.length === 0 ? [] : ['', title, ...alignColumns(rows, width)]
  return [
    ...wrapText(plain(summary), width),
    '',
    `Usage: mayfly ${[called, ...usage, '[flags]'].join(' ')}`,
    ...section(
      'Arguments',
      words.map(([word, field]): Row => [`<${word}>`, describe(field)]),
    ),
    ...section('Flags', [
      ...flags.map(([flag, field]): Row => [writeFlag(flag, field), describe(field)]),
      ['--json', 'Print the result as JSON, and nothing else on standard output.'],
      ['--help', 'Print this.'],
    ]),
    '',
    'Examples',
    ...examples.map((example) => `  mayfly ${local ? `local ${example}` : example}`),
    ...section('Exit codes', listExits(name, exits)),
  ]
}

function listExits(name: string, exits: Entry['exits']): readonly Row[] {
  const own = [...exits, 'success' as const].map((exit): Row => [String(exitCodes[exit]), exitMeanings[exit]])
  const sorted = own.sort(([a], [b]) => Number(a) - Number(b))
  return name === 'run-batch' ? [...sorted, ['other', "The failing step's own."]] : sorted
}

function writeFlag(name: string, field: Field<unknown>): string {
  const flag = spellFlag(name, field)
  if (field.kind === 'flag') return field.default === 'true' ? flag.replace('--', '--[no-]') : flag
  if (field.kind === 'map') return `${flag} <name=value>`
  return `${flag} <${field.kind === 'list' ? 'item' : (field.flag ?? name).replaceAll('_', '-')}>`
}

function describe(field: Field<unknown>): string {
  const { kind, description, example, env = [], required } = field
  const notes = [
    ...(required ? ['required'] : []),
    ...(kind === 'list' || kind === 'map' ? ['may be given many times'] : []),
    ...(field.default && field.default !== 'false' ? [`default: ${field.default}`] : []),
    ...(example === undefined ? [] : [`such as ${example}`]),
    ...(env.length === 0 ? [] : [`or by ${env.join(', ')} of the environment`]),
  ]
  return plain(`${description}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`)
}

/** Descriptions are Markdown; a terminal shows its code marks as they are. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}
