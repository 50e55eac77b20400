import { suggestNearest } from '../nearest.ts'
import type { Item } from './document.ts'
import { type JsonSchema, joinWords, refuse, type Shape, showText } from './shape.ts'

/** One key of a map whose keys are known. */
interface Key<Value> extends KeyOptions<Value> {
  readonly shape: Shape<Value>
}

interface KeyOptions<Value> {
  /** For editors and messages; begins small and has no full stop. */
  readonly description: string
  readonly example?: string
  readonly required?: true
  readonly default?: Value
  /** What programs call it, where that differs: with the unit, in camel case. */
  readonly as?: string
}

type Keys = Readonly<Record<string, Key<unknown>>>

/** Declares a key; the default has to be a value of the shape. */
export function key<Value, const Options extends KeyOptions<Value>>(
  shape: Shape<Value>,
  options: Options,
): Options & { readonly shape: Shape<Value> } {
  return { ...options, shape }
}

type NameOf<K, Name> = K extends { readonly as: infer As extends string } ? As : Name
type ValueOf<K> = K extends { readonly shape: Shape<infer Value> } ? Value : never
type Always = { readonly required: true } | { readonly default: unknown }
type Values<K extends Keys> = {
  readonly [Name in keyof K as K[Name] extends Always ? NameOf<K[Name], Name> : never]: ValueOf<K[Name]>
} & {
  readonly [Name in keyof K as K[Name] extends Always ? never : NameOf<K[Name], Name>]?: ValueOf<K[Name]>
}

interface Rules {
  /** What the map is: `a step`. */
  readonly what: string
  /** At least one of these keys has to be there. */
  readonly oneOf?: readonly string[]
  /** Pairs of keys that exclude each other. */
  readonly never?: readonly (readonly [string, string])[]
}

/** A map whose keys are known. */
export function object<const K extends Keys>(rules: Rules, keys: K): Shape<Values<K>> {
  return {
    schema: describeObject(rules, keys),
    read: (item, names) => {
      if (item.kind !== 'map') return refuse(item, `${rules.what} (${Object.keys(keys).join(', ')})`)
      const entries = readEntries(item)
      checkKeys(item, entries, rules, Object.keys(keys))
      const values: Record<string, unknown> = {}
      let complete = true
      for (const [name, { shape, as = name, ...key }] of Object.entries(keys)) {
        const entry = entries.get(name)
        const value = entry === undefined ? key.default : shape.read(entry, names)
        if (value !== undefined) values[as] = value
        else if (entry !== undefined || key.required) complete = false
        if (entry === undefined && key.required) item.complainAtKey(explainMissing(name, key))
      }
      return complete ? (values as Values<K>) : undefined
    },
  }
}

/** The values by their keys, each once. */
function readEntries(item: Item): ReadonlyMap<string, Item> {
  const entries = new Map<string, Item>()
  for (const { key, value } of item.entries()) {
    const first = entries.get(key)
    if (first === undefined) entries.set(key, value)
    else value.complainAtKey(`given twice, first on line ${first.line}.`)
  }
  return entries
}

function checkKeys(item: Item, entries: ReadonlyMap<string, Item>, rules: Rules, known: readonly string[]) {
  for (const [name, value] of entries) {
    if (known.includes(name)) continue
    const hint = suggestNearest(name, known) || ` There are ${known.join(', ')}.`
    value.complainAtKey(`no such key in ${rules.what}.${hint}`)
  }
  for (const [one, other] of rules.never ?? [])
    if (entries.has(one)) entries.get(other)?.complainAtKey(`cannot stand beside ${one}.`)
  const needed = rules.oneOf ?? []
  if (needed.length > 0 && !needed.some((name) => entries.has(name)))
    item.complainAtKey(`${rules.what} needs ${joinWords(needed)}.`)
}

function explainMissing(name: string, { description, example }: KeyOptions<unknown>): string {
  const such = example === undefined ? '' : `, such as ${example}`
  return `${name} is missing: ${description}${such}.`
}

function describeObject(rules: Rules, keys: Keys): JsonSchema {
  const required = Object.entries(keys).filter(([, key]) => key.required)
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, describeKey(key)])),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    ...(rules.oneOf && { anyOf: rules.oneOf.map((name) => ({ required: [name] })) }),
    ...(rules.never && { allOf: rules.never.map((pair) => ({ not: { required: pair } })) }),
    additionalProperties: false,
  }
}

function describeKey({ shape, description, example, ...key }: Key<unknown>): JsonSchema {
  return {
    description,
    ...shape.schema,
    ...(key.default !== undefined && { default: key.default }),
    ...(example !== undefined && { examples: [example] }),
  }
}

/** A map whose keys the user chooses. */
export function map<Value>(
  names: { readonly expected: string; readonly pattern: RegExp },
  shape: Shape<Value>,
): Shape<Readonly<Record<string, Value>>> {
  const { expected, pattern } = names
  return {
    schema: {
      type: 'object',
      propertyNames: { pattern: pattern.source },
      additionalProperties: shape.schema,
    },
    read: (item, values) => {
      if (item.kind !== 'map') return refuse(item, 'a map')
      const read: [string, Value][] = []
      const entries = readEntries(item)
      for (const [name, each] of entries) {
        if (!pattern.test(name))
          each.complainAtKey(`expected ${expected} as the name, got ${showText(name)}.`)
        const value = shape.read(each, values)
        if (value !== undefined) read.push([name, value])
      }
      return read.length === entries.size ? Object.fromEntries(read) : undefined
    },
  }
}

/** A list in which no two items may be identified by the same text. */
export function list<Value>(
  shape: Shape<Value>,
  identify: (value: Value, index: number) => string,
  minItems = 1,
): Shape<readonly Value[]> {
  return {
    schema: { type: 'array', items: shape.schema, minItems },
    read: (item, names) => {
      const items = item.items()
      if (item.kind !== 'list') return refuse(item, 'a list')
      if (items.length < minItems) return refuse(item, `a list of at least ${minItems}`)
      const lines = new Map<string, number>()
      const values = items.map((each, index) => {
        const value = shape.read(each, names)
        if (value === undefined) return undefined
        const name = identify(value, index)
        const first = lines.get(name)
        if (first === undefined) lines.set(name, each.line)
        else each.complain(`two are called ${showText(name)}, the first on line ${first}.`)
        return value
      })
      return values.every((value) => value !== undefined) ? values : undefined
    },
  }
}

/** A list of texts that differ, or one of them by itself. */
export function oneOrMore(shape: Shape<string>): Shape<readonly string[]> {
  const many = distinctList(shape)
  return {
    schema: { anyOf: [shape.schema, many.schema] },
    read: (item, names) => {
      if (item.kind === 'list') return many.read(item, names)
      const one = shape.read(item, names)
      return one === undefined ? undefined : [one]
    },
  }
}

/** A list of texts that differ. */
export function distinctList<Text extends string>(shape: Shape<Text>): Shape<readonly Text[]> {
  const texts = list(shape, (value) => value)
  return { ...texts, schema: { ...texts.schema, uniqueItems: true } }
}
