import { checkEnds } from './checks/ends.ts'
import { checkPromotions, checkTags } from './checks/images.ts'
import { checkLeftovers } from './checks/leftovers.ts'
import { checkForeign, checkLives, checkStarts } from './checks/machines.ts'
import { checkEntries, checkRecords, checkReleases } from './checks/objects.ts'
import { readRuns, type Violation } from './checks/promised.ts'
import { checkLosses, checkResults } from './checks/results.ts'
import { checkHeard, checkTold } from './checks/told.ts'
import type { History } from './history.ts'

/** Compares what happened with what is promised. It knows nothing of how the product keeps its promises. */
export function check(history: History): readonly Violation[] {
  const runs = readRuns(history)
  return [
    ...checkLives(history, runs),
    ...runs.flatMap((run) => [
      ...checkStarts(history, run),
      ...checkResults(history, run),
      ...checkLosses(history, run),
      ...checkEntries(history, run),
      ...checkRecords(history, run),
    ]),
    ...checkTold(history),
    ...history.told.flatMap(checkHeard),
    ...checkReleases(history),
    ...checkPromotions(history, runs),
    ...checkTags(history),
    ...checkForeign(history),
    ...checkEnds(history),
    ...checkLeftovers(history),
  ]
}
