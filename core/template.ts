import { InputError } from './errors.ts'
import { suggestNearest } from './nearest.ts'

/** What an expression looks like within a pattern that checks a text before it is filled. */
export const expressionPattern = '\\$\\{\\{[^{}]*\\}\\}'

/** How every expression begins. */
export const expressionStart = '${{'

/** Expressions that each task of a run fills for itself. */
export const taskExpressions = /\$\{\{\s*task\.(\w+)\s*\}\}/g

/** One expression that cannot be filled. */
export interface TemplateProblem {
  /** Counts the expressions of the text, from 0. */
  readonly index: number
  readonly expression: string
  readonly message: string
}

const expressions = /\$\{\{(.*?)(?:(\}\})|$)/gs

/** Everything wrong with a text's `${{ }}`, when `names` are the values that there are; `task.*` stands for any of that kind. */
export function checkTemplate(text: string, names: readonly string[]): readonly TemplateProblem[] {
  return [...text.matchAll(expressions)].flatMap(([expression, inner = '', end], index) => {
    const message = judge(inner.trim(), end !== undefined, names)
    return message === undefined ? [] : [{ index, expression, message }]
  })
}

function judge(name: string, closed: boolean, names: readonly string[]): string | undefined {
  if (!closed) return 'expected }} after ${{, as in ${{ run.id }}.'
  if (names.includes(name)) return undefined
  if (names.includes(`${name.split('.')[0]}.*`)) return undefined
  if (!/^[\w-]+(?:\.[\w-]+)*$/.test(name))
    return `expected one name between \${{ and }}, got "${name}". Nothing is computed there.`
  return `there is no value "${name}".${suggestNearest(name, names) || ` There are ${names.join(', ')}.`}`
}

/** The text with each `${{ name }}` replaced by its value, once: a value's own `${{` stays. Throws an InputError. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  const problems = checkTemplate(text, Object.keys(values))
  if (problems.length > 0)
    throw new InputError(problems.map(({ expression, message }) => ({ where: expression, message })))
  return text.replace(expressions, (_, inner: string) => values[inner.trim()] as string)
}
