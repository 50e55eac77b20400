import { runObjects } from '../../depot.ts'
import { parseRecord, type ResultState, resultRecord } from '../../protocol/records.ts'
import { listRecent } from '../../recent-attempts.ts'
import type { Objects } from '../../world.ts'
import type { Outcome } from './outcome.ts'

/** Runs that were cancelled, or go on, say nothing of the batch; more than these in a row are not looked behind. */
const mostLooked = 10

/** Whether a run ended as nobody wanted it to. A person who cancels knows. */
export function isFailure(state: Outcome['state']): boolean {
  return state !== 'succeeded' && state !== 'cancelled' && state !== 'running'
}

/** The run whose failure a success is the end of: the run itself, or the one of its batch before it. */
export async function findFailure(objects: Objects, outcome: Outcome): Promise<string | undefined> {
  const { run, batch, attempt } = outcome
  for (let number = attempt - 1; number > 0; number--)
    if ((await objects.stat(runObjects.told(run, number, 'failure'))) !== undefined) return run
  let looked = 0
  let isBefore = false
  for await (const each of listRecent(objects, batch, mostLooked)) {
    if (each.run === run) isBefore = true
    else if (isBefore) {
      const state = await readState(objects, runObjects.result(each.run, each.number))
      if (state !== undefined && state !== 'cancelled') return isFailure(state) ? each.run : undefined
      if (++looked === mostLooked) return undefined
    }
  }
  return undefined
}

/** Undefined while the attempt goes on. */
async function readState(objects: Objects, name: string): Promise<ResultState | undefined> {
  const bytes = await objects.read(name)
  return bytes && parseRecord(resultRecord, name, bytes).state
}
