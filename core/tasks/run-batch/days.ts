import type { Param } from '../../batch/batch.ts'
import { readParam } from '../../batch/params.ts'
import { InputError } from '../../errors.ts'
import { suggestNearest } from '../../nearest.ts'

/** The days of a backfill, and the param that stands for them. */
export interface Days {
  readonly param: string
  /** `YYYY-MM-DD`, in order. */
  readonly days: readonly string[]
}

/** More is a mistake in the year. */
const mostDays = 366

const example = '2026-11-01..2026-11-30'

/**
 * The days of `FROM..TO`, ends included, or `param=FROM..TO` where the batch has several date params; each end is
 * anything that the param takes. Throws an InputError.
 */
export function readDays(
  text: string,
  params: Readonly<Record<string, Param>>,
  { now, spell }: { readonly now: number; readonly spell: (field: string) => string },
): Days {
  try {
    const [, name, from, to] = /^(?:([^=]+)=)?(.+?)\.\.(.+)$/.exec(text) ?? []
    if (from === undefined || to === undefined)
      throw new Error(`expected a range of days such as ${example}, got "${text}".`)
    const param = chooseParam(name?.trim(), params)
    const [first, last] = [from, to].map((end) => readParam(params[param] as Param, end.trim(), now))
    return { param, days: listDays(first as string, last as string) }
  } catch (error) {
    throw new InputError([{ where: spell('backfill'), message: (error as Error).message }], { cause: error })
  }
}

function chooseParam(name: string | undefined, params: Readonly<Record<string, Param>>): string {
  const dates = Object.keys(params).filter((each) => params[each]?.type === 'date')
  const [only, ...others] = dates
  if (only === undefined)
    throw new Error('the batch has no param of the type date that could stand for a day.')
  if (name === undefined) {
    if (others.length === 0) return only
    throw new Error(
      `the batch has the date params ${dates.join(', ')}: name one, such as ${only}=${example}.`,
    )
  }
  if (dates.includes(name)) return name
  throw new Error(
    `the batch has no date param "${name}".${suggestNearest(name, dates) || ` It has ${dates.join(', ')}.`}`,
  )
}

const dayMs = 24 * 60 * 60_000

function listDays(first: string, last: string): readonly string[] {
  const [begin, end] = [Date.parse(first), Date.parse(last)]
  const count = Math.round((end - begin) / dayMs) + 1
  if (count < 1) throw new Error(`expected the earlier day first, got ${first}..${last}.`)
  if (count > mostDays) throw new Error(`expected at most ${mostDays} days, got ${count}, ${first}..${last}.`)
  return Array.from({ length: count }, (_, index) =>
    new Date(begin + index * dayMs).toISOString().slice(0, 10),
  )
}
