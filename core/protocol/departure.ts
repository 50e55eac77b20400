import { CloudError } from '../errors.ts'
import { deriveRequestId } from '../names.ts'
import type { Clock, Compute, Instance } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { isOurs, type Machine } from './machine.ts'
import type { RunRecord } from './records.ts'

/** How the end of a machine was established. */
export type Departure =
  | { readonly gone: true; readonly verified: number }
  | { readonly gone: false; readonly machine: Machine; readonly why: string }

const pollMs = { first: 100, most: 3000 }

/**
 * Deletes an attempt's machine wherever it is and polls until Google says that instance and disk are not found.
 * Never throws for a refusal: what remains is told, so that nobody takes silence for a deletion.
 */
export async function removeMachine(
  compute: Compute,
  clock: Clock,
  run: RunRecord,
  attempt: Attempt,
  budgetMs: number,
): Promise<Departure> {
  const zones = attempt.result?.zone === undefined ? run.machine.zones : [attempt.result.zone]
  const end = clock.now() + budgetMs
  for (const zone of zones) {
    const machine = { name: attempt.record.instance, zone }
    const why = await removeFrom(compute, clock, run, machine, end)
    if (why !== undefined) return { gone: false, machine, why }
  }
  return { gone: true, verified: clock.now() }
}

async function removeFrom(compute: Compute, clock: Clock, run: RunRecord, machine: Machine, end: number) {
  try {
    for (let pause = pollMs.first; ; pause = Math.min(pause * 1.5, pollMs.most)) {
      const instance = await compute.instance(machine.zone, machine.name)
      // A machine of another run has our name only by someone's hand; it is not ours to delete.
      if (instance !== undefined && !isOurs(instance, run)) return undefined
      if (instance === undefined && !(await compute.diskExists(machine.zone, machine.name))) return undefined
      if (instance !== undefined && instance.status !== 'STOPPING')
        await requestRemoval(compute, machine, instance)
      if (clock.now() >= end) return 'it was still there when the time to wait was over'
      await clock.sleep(pause)
    }
  } catch (error) {
    if (error instanceof CloudError) return error.message
    throw error
  }
}

async function requestRemoval(compute: Compute, machine: Machine, { id }: Instance): Promise<void> {
  try {
    // By id: a machine that someone else made under the same name meanwhile is not touched.
    await compute.remove(machine.zone, id, deriveRequestId(machine.name, id, 'delete'))
  } catch (error) {
    // Busy: it is being deleted already, by itself or by another controller.
    if (!(error instanceof CloudError) || error.failure !== 'busy') throw error
  }
}
