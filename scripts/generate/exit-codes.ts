import { exitCodes } from '../../core/errors.ts'
import { exitMeanings } from '../../core/exit-codes.ts'

/** Every exit code of Mayfly's own with its meaning, by number. */
export function listExitCodes(): readonly (readonly [number, string])[] {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  return names.map((name) => [exitCodes[name], exitMeanings[name]] as const).sort(([a], [b]) => a - b)
}
