import { CloudError, type CloudFailure } from '../errors.ts'
import { deriveRequestId } from '../names.ts'
import type { Clock, Compute, Instance } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { listZones } from './choices.ts'
import { isOurs, type Machine } from './machine.ts'
import type { RunRecord } from './records.ts'

/** How the end of a machine was established. */
export type Departure =
  | { readonly gone: true; readonly verified: number }
  | ({ readonly gone: false; readonly machine: Machine } & Obstacle)

const pollMs = { first: 100, most: 3000 }

/**
 * Deletes an attempt's machine wherever it is and polls until Google says that instance and disk are not found.
 * Never throws for a refusal: what remains is told, so that nobody takes silence for a deletion.
 */
export function removeMachine(
  compute: Compute,
  clock: Clock,
  run: RunRecord,
  attempt: Attempt,
  budgetMs: number,
): Promise<Departure> {
  const { result } = attempt
  // Before the fence, two callers may each have made a machine: in all zones, then.
  const zones = result?.began && result.zone !== undefined ? [result.zone] : listZones(run)
  const removal = {
    name: attempt.record.instance,
    zones,
    isOurs: (instance: Instance) => isOurs(instance, run),
  }
  return removeInstance(compute, clock, removal, budgetMs)
}

/** An instance to be deleted, wherever it is. */
export interface Removal {
  readonly name: string
  readonly zones: readonly string[]
  /** One of another's has our name only by someone's hand; it is not ours to delete. */
  readonly isOurs: (instance: Instance) => boolean
  /** Its boot disk does not go with it by itself. */
  readonly withDisk?: true
}

/** Deletes an instance and its disk, and polls until Google says that neither is found. Tells what remains. */
export async function removeInstance(
  compute: Compute,
  clock: Clock,
  removal: Removal,
  budgetMs: number,
): Promise<Departure> {
  const end = clock.now() + budgetMs
  for (const zone of removal.zones) {
    const machine = { name: removal.name, zone }
    const obstacle = await removeFrom(compute, clock, removal, machine, end)
    if (obstacle !== undefined) return { gone: false, machine, ...obstacle }
  }
  return { gone: true, verified: clock.now() }
}

/** Why something is still there. */
export interface Obstacle {
  readonly why: string
  /** Google's answer, when it was a refusal. */
  readonly failure?: CloudFailure
}

/**
 * Looks until what is to be gone is gone, or cannot go, or the time to wait is over; each look asks for the removal once
 * more where that helps. Gives what stands in the way; never throws for a refusal.
 */
export async function pollUntilGone(
  clock: Clock,
  end: number,
  look: (turn: number) => Promise<'gone' | 'going' | Obstacle>,
): Promise<Obstacle | undefined> {
  try {
    let pause = pollMs.first
    for (let turn = 1; ; turn++, pause = Math.min(pause * 1.5, pollMs.most)) {
      const sight = await look(turn)
      if (sight === 'gone') return undefined
      if (sight !== 'going') return sight
      if (clock.now() >= end) return { why: 'it was still there when the time to wait was over' }
      await clock.sleep(pause)
    }
  } catch (error) {
    if (error instanceof CloudError) return { why: error.message, failure: error.failure }
    throw error
  }
}

function removeFrom(compute: Compute, clock: Clock, removal: Removal, machine: Machine, end: number) {
  const { zone, name } = machine
  return pollUntilGone(clock, end, async (turn) => {
    const instance = await compute.instance(zone, name)
    if (instance !== undefined && !removal.isOurs(instance)) return 'gone'
    if (instance === undefined && !(await compute.diskExists(zone, name))) return 'gone'
    if (instance === undefined && removal.withDisk) await unlessBusy(() => compute.removeDisk(zone, name))
    if (instance !== undefined && instance.status !== 'STOPPING')
      await unlessBusy(() => requestRemoval(compute, machine, instance, turn))
    return 'going'
  })
}

/**
 * By id: a machine that someone else made under the same name meanwhile is not touched. Each turn is a request of its
 * own: Google answers a repeated one with the operation of then, also when that has failed.
 */
function requestRemoval(
  compute: Compute,
  { zone, name }: Machine,
  { id }: Instance,
  turn: number,
): Promise<void> {
  return compute.remove(zone, id, deriveRequestId(name, id, 'delete', turn))
}

/** Busy: it is being deleted already, by itself or by another controller. */
export async function unlessBusy(remove: () => Promise<void>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure !== 'busy') throw error
  }
}
