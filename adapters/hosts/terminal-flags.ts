import { parseArgs } from 'node:util'
import { InputError, type Problem } from '../../core/errors.ts'
import type { Field, Fields } from '../../core/fields.ts'
import { findNearest } from '../../core/nearest.ts'

/** What stood on a command line. */
export interface CommandLine {
  /** `--json`: the host's own, no input of any task. */
  readonly json: boolean
  /** By canonical name. Throws an InputError when a flag lacks its value. */
  given(): Readonly<Record<string, string | readonly string[]>>
  /** `machine_type` → `--machine-type`, `<batch>` for a word, and as it was typed for what no task knows. */
  spell(name: string): string
}

/** What a flag means: a field, and for `--no-…` the value that it stands for. */
interface Meaning {
  readonly name: string
  readonly field: Field<unknown>
  readonly value?: 'false'
}

/** `machine_type` → `--machine-type`. */
export function spellFlag(name: string, field?: Pick<Field<unknown>, 'flag'>): string {
  return `--${(field?.flag ?? name).replaceAll('_', '-')}`
}

/** Reads flags and words by a task's fields. What belongs to none of them is kept, for core to name. */
export function readCommandLine(argv: readonly string[], fields: Fields): CommandLine {
  const meanings = listMeanings(fields)
  const values = new Map<string, string[]>()
  const typed = new Map<string, string>()
  const problems: Problem[] = []
  const words: string[] = []
  let json = false

  const add = (name: string, value: string) => values.set(name, [...(values.get(name) ?? []), value])
  for (const { flag, value, inline } of readParts(argv, meanings)) {
    const meaning = flag === undefined ? undefined : meanings.get(flag)
    if (flag === undefined) words.push(value ?? '')
    else if (meaning !== undefined) {
      typed.set(meaning.name, flag)
      const problem = inline ? undefined : findMissingValue(flag, value, meaning)
      if (problem === undefined) add(meaning.name, meaning.value ?? value ?? 'true')
      else problems.push({ where: flag, message: problem })
    } else if (flag === '--json') json = value !== 'false'
    else {
      const name = flag.replace(/^-+/, '').replaceAll('-', '_')
      typed.set(name, flag)
      add(name, value ?? 'true')
    }
  }
  for (const [name, word] of placeWords(words, fields)) add(name, word)

  return {
    json,
    given() {
      if (problems.length > 0) throw new InputError(problems)
      return Object.fromEntries(
        [...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]),
      )
    },
    spell(name) {
      if (name.startsWith('"')) return name
      return typed.get(name) ?? (fields[name]?.positional ? `<${name}>` : spellFlag(name, fields[name]))
    },
  }
}

function listMeanings(fields: Fields): ReadonlyMap<string, Meaning> {
  const all = Object.entries(fields).flatMap(([name, field]): [string, Meaning][] => [
    // The canonical name too, where a flag of its own reads better: the block of a CI file can be copied.
    [spellFlag(name), { name, field }],
    [spellFlag(name, field), { name, field }],
    ...(field.kind === 'flag'
      ? [[spellFlag(`no_${name}`), { name, field, value: 'false' }] as [string, Meaning]]
      : []),
  ])
  return new Map(all)
}

interface Part {
  /** Absent: a word. */
  readonly flag?: string
  readonly value: string | undefined
  /** Written `--flag=value`. */
  readonly inline: boolean
}

function* readParts(argv: readonly string[], meanings: ReadonlyMap<string, Meaning>): Iterable<Part> {
  const takesValue = (flag: string) => meanings.has(flag) && meanings.get(flag)?.field.kind !== 'flag'
  const types = [...meanings.keys()].map((flag) => {
    return [flag.slice(2), { type: takesValue(flag) ? ('string' as const) : ('boolean' as const) }]
  })
  const { tokens } = parseArgs({
    // `--machine_type` is as good.
    args: argv.map((arg) => arg.replace(/^--[^=]+/, (flag) => flag.replaceAll('_', '-'))),
    options: Object.fromEntries(types),
    strict: false,
    tokens: true,
  })
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind === 'positional') yield { value: token.value, inline: false }
    if (token?.kind !== 'option') continue
    const { rawName: flag, value, inlineValue: inline = false } = token
    const next = tokens[at + 1]
    // The word behind a mistyped flag is the flag's, unless the flag that was meant takes none.
    const isMistyped = !meanings.has(flag) && flag !== '--json' && value === undefined
    if (
      isMistyped &&
      next?.kind === 'positional' &&
      takesValue(findNearest(flag, [...meanings.keys()]) ?? '')
    ) {
      at++
      yield { flag, value: next.value, inline }
    } else yield { flag, value, inline }
  }
}

/** Without `strict`, a flag takes whatever comes next as its value, and nothing at the end of the line. */
function findMissingValue(flag: string, value: string | undefined, { field }: Meaning): string | undefined {
  if (field.kind === 'flag') return undefined
  const expected = `expected a value${field.example === undefined ? '' : `, such as ${field.example}`}`
  if (value === undefined) return `${expected}, got none.`
  if (!value.startsWith('-') || value === '-') return undefined
  return `${expected}, got ${value}. A value that begins with a dash is written ${flag}=${value}`
}

/** Words in the order of the fields that take one. One too many stands under itself, quoted, which no field is. */
function placeWords(words: readonly string[], fields: Fields): readonly (readonly [string, string])[] {
  const places = Object.keys(fields).filter((name) => fields[name]?.positional)
  const last = places.at(-1)
  const rest = last !== undefined && fields[last]?.kind === 'list' ? last : undefined
  return words.map((word, index) => [places[index] ?? rest ?? JSON.stringify(word), word])
}
