import { GoogleError } from '../errors.ts'

/** What an object has to be for a call to go ahead. Numbers are int64 in decimal; generation 0 stands for "none". */
export interface Conditions {
  readonly ifGenerationMatch?: string
  readonly ifGenerationNotMatch?: string
  readonly ifMetagenerationMatch?: string
  readonly ifMetagenerationNotMatch?: string
}

/** What the conditions look at. */
interface Version {
  readonly generation: string
  readonly metageneration: number
}

/** Reads the preconditions of a query, or, for the source of a copy, those that begin with `ifSource`. */
export function readConditions(query: URLSearchParams, prefix: 'if' | 'ifSource' = 'if'): Conditions {
  const conditions: Record<string, string> = {}
  for (const what of [
    'GenerationMatch',
    'GenerationNotMatch',
    'MetagenerationMatch',
    'MetagenerationNotMatch',
  ]) {
    const value = query.get(prefix + what)
    if (value === null) continue
    if (!/^\d+$/.test(value))
      throw new GoogleError(400, 'invalid', `Invalid value for ${prefix + what}: '${value}'`)
    conditions[`if${what}`] = value
  }
  return conditions
}

/** Throws the 412 that Cloud Storage answers when a write finds another version than it was made for. */
export function checkWrite(conditions: Conditions, live: Version | undefined): void {
  if (hasChanged(conditions, live) || isSame(conditions, live)) throw conditionNotMet()
}

/** The same for reads, where "not match" asks whether there is news: 304 when there is none. */
export function checkRead(conditions: Conditions, live: Version): void {
  if (hasChanged(conditions, live)) throw conditionNotMet()
  if (isSame(conditions, live)) throw new GoogleError(304, 'notModified', 'Not Modified')
}

function hasChanged(
  { ifGenerationMatch, ifMetagenerationMatch }: Conditions,
  live: Version | undefined,
): boolean {
  if (ifGenerationMatch !== undefined && ifGenerationMatch !== (live?.generation ?? '0')) return true
  return ifMetagenerationMatch !== undefined && ifMetagenerationMatch !== `${live?.metageneration}`
}

function isSame(
  { ifGenerationNotMatch, ifMetagenerationNotMatch }: Conditions,
  live: Version | undefined,
): boolean {
  if (ifGenerationNotMatch !== undefined && ifGenerationNotMatch === (live?.generation ?? '0')) return true
  return ifMetagenerationNotMatch !== undefined && ifMetagenerationNotMatch === `${live?.metageneration}`
}

function conditionNotMet(): GoogleError {
  const message = 'At least one of the pre-conditions you specified did not hold.'
  return new GoogleError(412, 'conditionNotMet', message)
}
