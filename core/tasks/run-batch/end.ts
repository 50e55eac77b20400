import type { Attempt } from '../../protocol/attempts.ts'
import { endAttempt } from '../../protocol/cancel.ts'
import type { Claim } from '../../protocol/claim.ts'
import type { Departure } from '../../protocol/departure.ts'
import type { ResultRecord } from '../../protocol/records.ts'
import type { Verdict } from '../../protocol/seal.ts'
import type { Objects, World } from '../../world.ts'
import { endJob } from './attend-job.ts'

/** Ends an attempt of any engine, and its machines, from outside. */
export async function endRun(
  world: World,
  project: string,
  objects: Objects,
  claim: Claim,
  attempt: Attempt,
  verdict: Verdict,
  budgetMs: number,
): Promise<{ readonly attempt: Attempt; readonly result: ResultRecord; readonly departure: Departure }> {
  const { clock } = world
  if (claim.run.engine !== 'cloud-batch') {
    const bench = { objects, compute: await world.compute(project), clock }
    return endAttempt(bench, claim, attempt, verdict, budgetMs)
  }
  const [jobs, fleet] = await Promise.all([world.batchJobs(project), world.fleet(project)])
  return endJob({ objects, jobs, fleet, clock }, claim, attempt, verdict, budgetMs)
}
