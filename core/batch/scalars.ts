import { suggestNearest } from '../nearest.ts'
import { checkTemplate, expressionStart } from '../template.ts'
import { durationPattern, readDuration, readSize, sizePattern } from '../units.ts'
import type { Item } from './document.ts'
import { joinWords, refuse, type Shape } from './shape.ts'

interface TextOptions {
  /** What to write, as in `expected a zone such as us-central1-a`. */
  readonly expected: string
  readonly pattern?: RegExp
  /** `filled`: `${{ }}` works here. `script`: it does not, and the advice is a shell script's. */
  readonly expressions?: 'filled' | 'script'
}

/** Text. Numbers and booleans are taken as they are written, where such a text could stand. */
export function text({ expected, pattern, expressions }: TextOptions): Shape<string> {
  const fits = (sample: string) => pattern?.test(sample) ?? true
  return {
    schema: {
      type: ['string', ...(fits('1') ? ['number'] : []), ...(fits('true') ? ['boolean'] : [])],
      ...(pattern && { pattern: pattern.source }),
      ...(expressions !== 'filled' && fits(`${expressionStart} run.id }}`) && noExpressions),
    },
    read: (item, names) => {
      if (!isScalar(item)) return refuse(item, expected)
      if (item.text.includes('\0')) return refuse(item, 'text without NUL characters')
      if (expressions === 'filled') checkExpressions(item, names)
      else if (item.text.includes(expressionStart)) return refuseExpressions(item, expressions === 'script')
      return fits(item.text) ? item.text : refuse(item, expected)
    },
  }
}

const noExpressions = { not: { type: 'string', pattern: '\\$\\{\\{' } }

export function isScalar({ kind }: Item): boolean {
  return kind === 'text' || kind === 'number' || kind === 'boolean'
}

function checkExpressions(item: Item, names: readonly string[]): void {
  for (const { index, message } of checkTemplate(item.text, names))
    item.complain(message, { text: expressionStart, index })
}

function refuseExpressions(item: Item, inScript: boolean): undefined {
  for (const [index, [, name]] of [...item.text.matchAll(/\$\{\{\s*([\w.-]*)/g)].entries()) {
    const variable = name?.split('.').at(-1)?.toUpperCase().replaceAll('-', '_') || 'X'
    const value = name || 'params.x'
    const advice = inScript
      ? `values reach scripts as environment variables. Write env: { ${variable}: "\${{ ${value} }}" } and "$${variable}".`
      : 'expressions work in env, container, from, to and the name of an output only.'
    item.complain(`"\${{" is not filled in here: ${advice}`, { text: expressionStart, index })
  }
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Shape<Word> {
  return {
    schema: { enum: words },
    read: (item) =>
      words.find((word) => isScalar(item) && word === item.text) ??
      refuse(item, joinWords(words), suggestNearest(item.text, words)),
  }
}

export const yesNo: Shape<boolean> = {
  schema: { type: 'boolean' },
  read: (item) =>
    item.kind === 'boolean' ? item.text.toLowerCase() === 'true' : refuse(item, 'true or false'),
}

export function wholeNumber(minimum: number, maximum: number): Shape<number> {
  return {
    schema: { type: 'integer', minimum, maximum },
    read: (item) => {
      const number = item.kind === 'number' ? Number(item.text) : Number.NaN
      return Number.isInteger(number) && minimum <= number && number <= maximum
        ? number
        : refuse(item, `a whole number from ${minimum} to ${maximum}`)
    },
  }
}

/** A duration in seconds; the limits are written as in a file. */
export function duration(minimum: string, maximum: string): Shape<number> {
  return quantity('a duration', durationPattern, readDuration, minimum, maximum)
}

/** A size in MB; the limits are written as in a file. */
export function sizeInMb(minimum: string, maximum: string): Shape<number> {
  return quantity('a size', sizePattern, readSize, minimum, maximum)
}

/** A size in whole GB. */
export function sizeInGb(minimum: string, maximum: string): Shape<number> {
  const inMb = sizeInMb(minimum, maximum)
  return {
    schema: inMb.schema,
    read: (item, names) => {
      const megabytes = inMb.read(item, names)
      if (megabytes === undefined) return undefined
      return megabytes % 1024 === 0 ? megabytes / 1024 : refuse(item, 'a whole number of GB')
    },
  }
}

function quantity(
  what: string,
  pattern: RegExp,
  parse: (text: string) => number,
  minimum: string,
  maximum: string,
): Shape<number> {
  return {
    schema: { type: 'string', pattern: pattern.source },
    read: (item) => {
      if (!isScalar(item)) return refuse(item, what)
      try {
        const value = parse(item.text)
        if (parse(minimum) <= value && value <= parse(maximum)) return value
        refuse(item, `${what} from ${minimum} to ${maximum}`)
      } catch (error) {
        item.complain((error as Error).message)
      }
      return undefined
    },
  }
}
