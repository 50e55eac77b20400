import type { Item } from './document.ts'

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What a value of the file has to look like: how it is read, and how an editor is told, side by side. */
export interface Shape<out Value> {
  /** Accepts what `read` accepts, as far as JSON Schema can say it. */
  readonly schema: JsonSchema
  /** The value in a program's units, undefined after a complaint to the item. `names`: what `${{ }}` may name. */
  readonly read: (item: Item, names: readonly string[]) => Value | undefined
}

/** A shape whose values are looked at once more, and changed or complained of. */
export function refine<Written, Value>(
  shape: Shape<Written>,
  finish: (value: Written, item: Item) => Value,
  schema: JsonSchema = {},
): Shape<Value> {
  return {
    schema: { ...shape.schema, ...schema },
    read: (item, names) => {
      const value = shape.read(item, names)
      return value === undefined ? undefined : finish(value, item)
    },
  }
}

/** Complains that an item is not what was expected. */
export function refuse(item: Item, expected: string, hint = ''): undefined {
  item.complain(`expected ${expected}, got ${showItem(item)}.${hint}`)
}

function showItem({ kind, text, items }: Item): string {
  if (kind === 'list') return items().length === 0 ? 'an empty list' : 'a list'
  if (kind === 'map') return 'a map'
  if (kind === 'nothing') return 'nothing'
  return kind === 'text' ? showText(text) : text
}

/** A text in quotes, on one line and not too long for a message. */
export function showText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text)
}

/** `a, b or c` */
export function joinWords(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' or $1')
}
