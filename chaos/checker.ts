import { checkEnds } from './checks/ends.ts'
import { checkForeign, checkLives, checkStarts } from './checks/machines.ts'
import { checkEntries, checkRecords, checkReleases } from './checks/objects.ts'
import type { Promised, Violation } from './checks/promised.ts'
import { checkLosses, checkResults } from './checks/results.ts'
import { checkHeard, checkTold } from './checks/told.ts'
import type { History } from './history.ts'

/** Compares what happened with what is promised. It knows nothing of how the product keeps its promises. */
export function check(history: History, promised: Promised): readonly Violation[] {
  return [
    ...checkLives(history, promised),
    ...checkStarts(history, promised),
    ...checkTold(history, promised),
    ...history.told.flatMap(checkHeard),
    ...checkResults(history, promised),
    ...checkLosses(history, promised),
    ...checkReleases(history),
    ...checkEntries(history, promised),
    ...checkRecords(history, promised),
    ...checkForeign(history),
    ...checkEnds(history, promised),
  ]
}
