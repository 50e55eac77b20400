import { InputError, type Problem } from '../errors.ts'
import { suggestNearest } from '../nearest.ts'
import type { Param } from './batch.ts'
import { joinWords, showText } from './shape.ts'

export interface ParamContext {
  /** Milliseconds since the epoch: what `today` means. */
  readonly now: number
  /** How the caller writes a field. */
  readonly spell: (field: string) => string
}

/**
 * The value of every param of a batch, as text: given, or else the default; dates are always `YYYY-MM-DD`. An empty text
 * is not given: CI systems pass on what a form, a schedule or a build left open in this way. Throws an InputError that lists everything wrong, in the caller's spelling.
 */
export function resolveParams(
  params: Readonly<Record<string, Param>>,
  given: Readonly<Record<string, string>>,
  { now, spell }: ParamContext,
): Readonly<Record<string, string>> {
  const names = Object.keys(params)
  const problems: Problem[] = []
  const complain = (name: string, message: string) =>
    problems.push({ where: `${spell('params')} ${name}`, message })

  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    complain(name, `the batch has no such param.${suggestNearest(name, names) || listParams(names)}`)
  }
  const values = Object.entries(params).map(([name, param]) => {
    const text = (Object.hasOwn(given, name) && given[name]) || param.default
    try {
      if (text === undefined) throw new Error(explainMissing(param))
      return [name, readParam(param, text, now)]
    } catch (error) {
      complain(name, (error as Error).message)
      return [name, '']
    }
  })
  if (problems.length > 0) throw new InputError(problems)
  return Object.fromEntries(values)
}

function listParams(names: readonly string[]): string {
  return names.length === 0 ? ' It has none.' : ` It has ${names.join(', ')}.`
}

function explainMissing({ type, description, options }: Param): string {
  const what = description === undefined ? '' : ` (${description.replace(/\.$/, '')})`
  return `required, and not given${what}. Expected ${describe(type, options)}.`
}

function describe(type: Param['type'], options: Param['options'] = []): string {
  return {
    string: 'text',
    number: 'a number such as 10 or 0.5',
    boolean: 'true or false',
    date: 'a date such as 2026-03-31, today, yesterday, today-7d or today+1d',
    choice: joinWords(options),
  }[type]
}

/** A param's value from its text. Throws an Error that says what was expected. */
export function readParam({ type, options = [], timeZone }: Param, text: string, now: number): string {
  const value = type === 'date' ? readDate(text, now, timeZone) : fits(type, options, text) ? text : undefined
  if (value !== undefined) return value
  const hint = suggestNearest(text, type === 'choice' ? options : [])
  throw new Error(`expected ${describe(type, options)}, got ${showText(text)}.${hint}`)
}

function fits(type: Param['type'], options: readonly string[], text: string): boolean {
  if (type === 'number') return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text)
  if (type === 'boolean') return text === 'true' || text === 'false'
  // A value may become an environment variable, which cannot hold NUL.
  return type === 'string' ? !text.includes('\0') : options.includes(text)
}

const day = 24 * 60 * 60_000

function readDate(text: string, now: number, timeZone = 'UTC'): string | undefined {
  const [relative, yesterday, offset = 0] = /^(?:(yesterday)|today(?:([-+]\d{1,5})d)?)$/.exec(text) ?? []
  if (relative) return showDate(findMidnight(now, timeZone) + day * (yesterday ? -1 : Number(offset)))
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  // Date rolls over days that a month does not have, so that only a real date comes back as it went in.
  const date = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(date) && showDate(date) === text ? text : undefined
}

/** When the day that it is in a time zone begins in UTC, where every day has 24 hours. */
function findMidnight(now: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]))
  return Date.UTC(parts.get('year') ?? 0, (parts.get('month') ?? 1) - 1, parts.get('day'))
}

function showDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
