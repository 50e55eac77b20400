import { runObjects } from '../../depot.ts'
import { parseRecord, type ResultState, resultRecord } from '../../protocol/records.ts'
import { isOver, type RunTraces, scanRuns } from '../../run-traces.ts'
import type { Objects } from '../../world.ts'
import type { Outcome } from './outcome.ts'

/** Cancelled runs say nothing of the batch; more than these in a row are not looked behind. */
const mostCancelled = 5

/** Whether a run ended as nobody wanted it to. A person who cancels knows. */
export function isFailure(state: Outcome['state']): boolean {
  return state !== 'succeeded' && state !== 'cancelled' && state !== 'running'
}

/** The run whose failure a success is the end of: the run itself, or the one of its batch before it. */
export async function findFailure(objects: Objects, outcome: Outcome): Promise<string | undefined> {
  const { run, batch, attempt } = outcome
  for (let number = attempt - 1; number > 0; number--)
    if ((await objects.stat(runObjects.told(run, number, 'failure'))) !== undefined) return run
  const runs = await scanRuns(objects, batch)
  for (const [path, { results }] of listBefore(runs, run)) {
    const state = await readState(objects, runObjects.result(path, results))
    if (state !== 'cancelled') return isFailure(state) ? path : undefined
  }
  return undefined
}

function listBefore(runs: ReadonlyMap<string, RunTraces>, run: string) {
  const asked = runs.get(run)?.asked ?? 0
  return [...runs]
    .filter(([path, traces]) => path !== run && traces.asked <= asked && isOver(traces))
    .sort(([, a], [, b]) => b.asked - a.asked)
    .slice(0, mostCancelled)
}

async function readState(objects: Objects, name: string): Promise<ResultState> {
  const bytes = await objects.read(name)
  // Deleted by hand since it was listed: nothing is known, as of a cancelled one.
  return bytes === undefined ? 'cancelled' : parseRecord(resultRecord, name, bytes).state
}
