import type { Field } from '../../core/fields.ts'

/** All that a field's declaration says in words, but for its default. */
export function describeField(field: Field<unknown>): string {
  const { description, example, env = [] } = field
  const sentences = [
    description,
    ...(example === undefined ? [] : [`For example ${quote(example)}.`]),
    ...(env.length === 0 ? [] : [`Without it, ${joinWords(env.map(quote))} of the environment.`]),
  ]
  return sentences.join(' ')
}

/** The value of a field that nobody gives; undefined when there is none. */
export function readDefault(field: Field<unknown>): string | undefined {
  return field.default === '' ? undefined : field.default
}

/** Whether the caller has to give the field: one that the environment may give is not asked of the caller. */
export function isRequired(field: Field<unknown>): boolean {
  return field.required === true && field.env === undefined
}

export function quote(code: string): string {
  return `\`${code}\``
}

/** `a`, `a or b`, `a, b or c`. */
function joinWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ')
}
