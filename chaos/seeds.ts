import { check } from './checker.ts'
import type { Violation } from './checks/promised.ts'
import { findMutant } from './mutants.ts'
import { type Simulated, simulateSeed } from './simulation.ts'

/** Seeds from `first` on, played by a mutant if one is named. */
export interface Series {
  readonly first: number
  readonly count: number
  readonly mutant?: string | undefined
  /** Stop at the first violation. */
  readonly impatient?: boolean
}

/** What a series came to. */
export interface Tally {
  seeds: number
  requests: number
  injected: number
  crashes: number
  readonly broken: { readonly seed: number; readonly violations: readonly Violation[] }[]
}

/** Plays a series of seeds and checks each. */
export async function playSeeds({ first, count, mutant, impatient }: Series): Promise<Tally> {
  const tally: Tally = { seeds: 0, requests: 0, injected: 0, crashes: 0, broken: [] }
  const change = mutant === undefined ? undefined : findMutant(mutant)
  for (let seed = first; seed < first + count; seed++) {
    const simulated = await simulateSeed(seed, change && { mutant: change })
    const violations = judge(simulated)
    tally.seeds++
    tally.requests += simulated.requests
    tally.injected += simulated.injected
    tally.crashes += simulated.crashes
    if (violations.length > 0) tally.broken.push({ seed, violations })
    if (violations.length > 0 && impatient) break
  }
  return tally
}

/** What a simulation has broken. */
export function judge({ history }: Simulated): readonly Violation[] {
  return check(history)
}
