import type { Clock, Compute, Objects } from '../world.ts'
import type { Attempt } from './attempts.ts'
import type { Claim } from './claim.ts'
import { type Departure, removeMachine } from './departure.ts'
import type { ResultRecord } from './records.ts'
import { sealAttempt, type Verdict } from './seal.ts'

/**
 * Ends an attempt that runs, and its machine; one that is over keeps its result and only has its machine's absence
 * verified. For whoever is not following: `runs cancel`, and the step after a killed one.
 */
export async function endAttempt(
  world: { readonly objects: Objects; readonly compute: Compute; readonly clock: Clock },
  { run, path }: Claim,
  attempt: Attempt,
  verdict: Verdict,
  budgetMs: number,
): Promise<{ readonly attempt: Attempt; readonly result: ResultRecord; readonly departure: Departure }> {
  const result = attempt.result ?? (await sealAttempt(world.objects, path, attempt.record.number, verdict))
  const ended = { ...attempt, result }
  const departure = await removeMachine(world.compute, world.clock, run, ended, budgetMs)
  return { attempt: ended, result, departure }
}
