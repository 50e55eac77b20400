import { suggestNearest } from '../core/nearest.ts'
import type { Entry } from './commands.ts'

/** What a command line asks for. */
export type Asked =
  | { readonly kind: 'version' }
  /** Help on all commands, or on those whose names begin with a word. `wanted` is false when no command was named. */
  | { readonly kind: 'overview'; readonly prefix: string; readonly wanted: boolean }
  | { readonly kind: 'help'; readonly entry: Entry; readonly local: boolean }
  | ({ readonly kind: 'command' } & Found)
  | { readonly kind: 'unknown'; readonly message: string }

/** Finds what is asked for among the commands. */
export function readAsked(argv: readonly string[], entries: readonly Entry[]): Asked {
  const [first, ...others] = argv
  if (first === 'help') return readAsked([...others, '--help'], entries)
  if (first === 'version' || first === '--version' || first === '-V') return { kind: 'version' }
  if (first === undefined || first === '--help' || first === '-h')
    return { kind: 'overview', prefix: '', wanted: first !== undefined }

  const found = findEntry(argv, entries)
  if (found !== undefined) {
    const { entry, local, argv: rest } = found
    return asksForHelp(rest) ? { kind: 'help', entry, local } : { kind: 'command', ...found }
  }
  const groups = listGroups(entries)
  const isGroup = groups.includes(first)
  if (isGroup && (others[0] === undefined || others[0].startsWith('-')))
    return { kind: 'overview', prefix: first, wanted: asksForHelp(others) }
  return { kind: 'unknown', message: explainUnknown(argv, isGroup, [...listNames(entries), ...groups]) }
}

interface Found {
  readonly entry: Entry
  readonly local: boolean
  readonly argv: readonly string[]
}

function findEntry(argv: readonly string[], entries: readonly Entry[]): Found | undefined {
  const ofTwo = entries.find(({ name }) => name === `${argv[0]} ${argv[1]}`)
  const entry = ofTwo ?? entries.find(({ name }) => name === argv[0])
  if (entry !== undefined) return { entry, local: false, argv: argv.slice(ofTwo ? 2 : 1) }
  if (argv[0] !== 'local') return undefined
  const tasks = entries.filter(({ load }) => 'task' in load)
  const found = findEntry(argv.slice(1), tasks)
  return found && { ...found, local: true }
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

/** First words of commands of two. */
function listGroups(entries: readonly Entry[]): readonly string[] {
  const words = entries.map(({ name }) => name.split(' '))
  return [...new Set(words.filter(({ length }) => length > 1).flatMap(([first]) => first ?? []))]
}

function listNames(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ name, load }) => ('task' in load ? [name, `local ${name}`] : [name]))
}

function explainUnknown(argv: readonly string[], isGroup: boolean, names: readonly string[]): string {
  const [first = '', second = '', third = ''] = argv
  if (first.startsWith('-')) return `expected a command first, got ${first}.`
  const depth = !isGroup || second.startsWith('-') ? 1 : first === 'local' && second === 'runs' ? 3 : 2
  const asked = [first, second, third].slice(0, depth).join(' ').trim()
  return `there is no command "${asked}".${suggestNearest(asked, names)}`
}
