import { InputError, type Problem } from './errors.ts'
import { suggestNearest } from './nearest.ts'

/** Environment variables in which Google's own tools and actions leave the project. */
const projectVariables = [
  'CLOUDSDK_CORE_PROJECT',
  'CLOUDSDK_PROJECT',
  'GOOGLE_CLOUD_PROJECT',
  'GCLOUD_PROJECT',
  'GCP_PROJECT',
] as const

interface FieldOptions {
  /** For people, in Markdown; the first sentence stands alone. */
  readonly description: string
  readonly example?: string
  readonly required?: true
  /** Required where the field of this name is not given. */
  readonly requiredWithout?: string
  /** As the caller would write it. */
  readonly default?: string
  /** Environment variables that give the value when the caller gives none, in order. */
  readonly env?: readonly string[]
  /** Masked in every log. */
  readonly secret?: true
  /** On a command line: the name of the flag, where another reads better, such as `param` given many times. */
  readonly flag?: string
  /** On a command line: may stand without a flag. */
  readonly positional?: true
}

type FieldKind = 'text' | 'flag' | 'list' | 'map'

/** One input of a task: the declaration from which every door's inputs, help and documentation are made. */
export interface Field<Value> extends FieldOptions {
  readonly kind: FieldKind
  /** Throws an Error whose message says what was expected and what was got. */
  readonly parse: (raw: string | readonly string[]) => Value
}

export type Fields = Readonly<Record<string, Field<unknown>>>

type Present<Options> = Options extends { readonly required: true } | { readonly default: string }
  ? true
  : false
type Optional<Options, Value> = Present<Options> extends true ? Value : Value | undefined
type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

/** The typed object that a task is given. */
export type Inputs<F extends Fields> = {
  readonly [Name in keyof F & string as Camel<Name>]: F[Name] extends Field<infer Value> ? Value : never
}

function joinLines(raw: string | readonly string[]): string {
  return typeof raw === 'string' ? raw : raw.join('\n')
}

/** Text, trimmed. */
export function text<const O extends FieldOptions>(options: O): Field<Optional<O, string>> {
  return { ...options, kind: 'text', parse: readText }
}

function readText(raw: string | readonly string[]): string {
  if (typeof raw === 'string') return raw.trim()
  if (raw.length > 1) throw new Error(`expected one value, got ${raw.length}.`)
  return (raw[0] ?? '').trim()
}

/** Text in units that programs use. `read` throws an Error whose message says what was expected and what was got. */
export function parsed<const O extends FieldOptions, Value>(
  options: O,
  read: (text: string) => Value,
): Field<Optional<O, Value>> {
  return { ...options, kind: 'text', parse: (raw) => read(readText(raw)) as Optional<O, Value> }
}

/** Yes or no: `true` and `false`, as YAML writes them. No, unless its default says otherwise. */
export function flag(
  options: Omit<FieldOptions, 'default' | 'required'> & { readonly default?: 'true' },
): Field<boolean> {
  return {
    default: 'false',
    ...options,
    kind: 'flag',
    parse: (raw) => {
      const word = readText(raw).toLowerCase()
      if (word === 'true') return true
      if (word === 'false') return false
      throw new Error(`expected true or false, got "${word}".`)
    },
  }
}

/**
 * A list: one item a line or a JSON array. A comma separates too, since Drone joins lists with it. `check` throws an
 * Error whose message says what was expected and what was got.
 */
export function list<const O extends FieldOptions>(
  options: O,
  check: (item: string) => void = () => undefined,
): Field<readonly string[]> {
  return {
    ...options,
    kind: 'list',
    parse: (raw) => {
      const items = readList(raw)
      for (const item of items) check(item)
      return items
    },
  }
}

function readList(raw: string | readonly string[]): readonly string[] {
  const joined = joinLines(raw).trim()
  const items = joined.startsWith('[') ? readJson(joined, 'array') : joined.split(/[\n,]/)
  if (!Array.isArray(items)) throw new Error(`expected a list, got ${joined}.`)
  return items.map((item) => String(item).trim()).filter((item) => item !== '')
}

/** Names with values: `name=value` a line, or a JSON object (as Drone and Woodpecker pass maps). */
export function map(
  options: Omit<FieldOptions, 'default' | 'required'>,
): Field<Readonly<Record<string, string>>> {
  return { ...options, default: '', kind: 'map', parse: readMap }
}

function readMap(raw: string | readonly string[]): Readonly<Record<string, string>> {
  const joined = joinLines(raw).trim()
  if (joined.startsWith('{')) {
    const entries = Object.entries(readJson(joined, 'object') as Record<string, unknown>)
    return Object.fromEntries(entries.map(([name, value]) => [name, readScalar(name, value)]))
  }
  const pairs = joined.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(pairs.map(readPair))
}

function readPair(line: string): [string, string] {
  const at = line.indexOf('=')
  if (at < 1) throw new Error(`expected name=value, got "${line.trim()}".`)
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}

function readScalar(name: string, value: unknown): string {
  if (typeof value === 'object' && value !== null)
    throw new Error(`expected text for "${name}", got ${JSON.stringify(value)}.`)
  return String(value ?? '')
}

function readJson(value: string, what: string): unknown {
  try {
    return JSON.parse(value)
  } catch (cause) {
    throw new Error(`expected a JSON ${what}, got ${value} (${(cause as Error).message}).`, { cause })
  }
}

/** The fields of every task that works in a project's bucket. */
export const cloudFields = {
  project: text({
    description: 'Google Cloud project.',
    example: 'acme-ml',
    required: true,
    env: projectVariables,
  }),
  bucket: text({
    description: 'The Cloud Storage bucket that holds releases, runs and results.',
    example: 'acme-mayfly',
    required: true,
    env: ['MAYFLY_BUCKET'],
  }),
} as const

/** The field of every task that changes something. */
export const dryRunField = {
  dry_run: flag({ description: 'Print the plan and change nothing.' }),
} as const

/** Where raw values come from, and how the caller spells their names. */
export interface Source {
  readonly given: Readonly<Record<string, string | readonly string[]>>
  readonly spell: (name: string) => string
  readonly env: (name: string) => string | undefined
  readonly findMisplaced?: (name: string) => Problem | undefined
}

/** The typed inputs of a task, or one InputError that lists everything wrong with them. */
export function readInputs<F extends Fields>(fields: F, source: Source): Inputs<F> {
  const problems: Problem[] = []
  for (const name of Object.keys(source.given)) {
    if (Object.hasOwn(fields, name)) continue
    const where = source.spell(name)
    const hint = suggestNearest(where, Object.keys(fields).map(source.spell))
    problems.push({ where, message: `there is no such input.${hint}` })
  }
  const values = Object.entries(fields).map(([name, field]) => {
    const misplaced = source.findMisplaced?.(name)
    if (misplaced !== undefined) {
      problems.push(misplaced)
      return [name, undefined]
    }
    try {
      return [toCamelCase(name), readField(field, source.given[name], source)]
    } catch (error) {
      problems.push({ where: source.spell(name), message: (error as Error).message })
      return [name, undefined]
    }
  })
  if (problems.length > 0) throw new InputError(problems)
  return Object.fromEntries(values) as Inputs<F>
}

function readField(
  field: Field<unknown>,
  given: string | readonly string[] | undefined,
  source: Source,
): unknown {
  const fromEnvironment = () =>
    field.env?.map(source.env).find((value) => value !== undefined && value !== '')
  const raw = isBlank(given) ? (fromEnvironment() ?? field.default) : given
  if (raw !== undefined) return field.parse(raw)
  const { required, requiredWithout: other } = field
  if (required) throw new Error(explainMissing(field))
  if (other !== undefined && isBlank(source.given[other]))
    throw new Error(`${explainMissing(field)} Or give ${source.spell(other)}.`)
  return field.kind === 'list' ? [] : undefined
}

function isBlank(raw: string | readonly string[] | undefined): raw is undefined {
  return raw === undefined || joinLines(raw).trim() === ''
}

function explainMissing(field: Field<unknown>): string {
  const example = field.example === undefined ? '' : `, such as ${field.example}`
  const env = field.env === undefined ? '' : ` The environment variable ${field.env[0]} would do as well.`
  return `required, and not given. ${field.description.split('. ')[0]?.replace(/\.$/, '')}${example}.${env}`
}

/** `machine_type` → `machineType`. */
function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
