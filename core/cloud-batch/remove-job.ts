import type { Attempt } from '../protocol/attempts.ts'
import { type Departure, pollUntilGone } from '../protocol/departure.ts'
import type { RunRecord } from '../protocol/records.ts'
import type { BatchJobs, Clock, Fleet } from '../world.ts'
import { findLocation } from './compile.ts'
import { isOurs } from './create-job.ts'

/** Batch's states of a job that has come to its end. */
const endStates: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED'])

/** Whether a job has come to its end, by Batch's word. */
export function isJobOver(state: string): boolean {
  return endStates.has(state)
}

export interface JobRemoval {
  readonly jobs: BatchJobs
  readonly fleet: Fleet
  readonly clock: Clock
}

/** A job whose tasks are all done ends by itself, which is a truer end than a cancelled one. */
const patienceMs = 30_000

/**
 * Ends an attempt's job, and polls until none of its machines is found in any zone. Never throws for a refusal: what
 * remains is told.
 */
export async function removeJob(
  { jobs, fleet, clock }: JobRemoval,
  run: RunRecord,
  { record }: Attempt,
  { budgetMs, atOnce }: { readonly budgetMs: number; readonly atOnce: boolean },
): Promise<Departure> {
  const location = findLocation(run)
  const began = clock.now()
  let left = record.instance
  const obstacle = await pollUntilGone(clock, began + budgetMs, async () => {
    const job = await jobs.job(location, record.instance)
    const isOver = job === undefined || !isOurs(job, run) || isJobOver(job.state)
    if (!isOver && !job.state.endsWith('_IN_PROGRESS') && (atOnce || clock.now() - began > patienceMs))
      await jobs.cancel(location, record.instance)
    if (!isOver) return 'going'
    const { items, unseenZones } = await fleet.instances('mayfly-run', run.id)
    if (items[0] !== undefined) {
      left = items[0].name
      return 'going'
    }
    const ofRegion = unseenZones.filter((zone) => zone.startsWith(`${location}-`))
    if (ofRegion.length > 0) return { why: `Google could not tell of ${ofRegion.join(', ')}` }
    return 'gone'
  })
  if (obstacle === undefined) return { gone: true, verified: clock.now() }
  return { gone: false, machine: { name: left, zone: run.machine.zones[0] ?? location }, ...obstacle }
}
