import type { Row } from '../batch/task-keys.ts'
import { CloudError, ConflictError } from '../errors.ts'
import { inParallel } from '../parallel.ts'
import type { Attempt } from '../protocol/attempts.ts'
import type { RunRecord } from '../protocol/records.ts'
import type { BatchJobs, Clock, JobRecord, Objects } from '../world.ts'
import { compileJob, type Workshop } from './compile.ts'
import { rowsInChunk, taskObjects } from './depot.ts'

/** What a job is made with. */
export interface JobFoundry extends Workshop {
  readonly objects: Objects
  readonly jobs: BatchJobs
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** How often a creation whose fate nobody can tell is asked for again, under its first request id. */
const unclearTries = 3
const unclearPauseMs = 5000

/** After these, the job may be there all the same: made by this call, or by another who follows the same plan. */
const doubtful: ReadonlySet<CloudError['failure']> = new Set(['exists', 'unknown'])

/** Creates the job of an attempt, or finds that it is there: unknown is not failed. Throws every other refusal. */
export async function createJob(
  { jobs, clock, signal, ...workshop }: JobFoundry,
  run: RunRecord,
  path: string,
  attempt: Attempt,
): Promise<void> {
  const spec = compileJob(workshop, run, path, attempt.record, attempt.created)
  for (let tries = 1; ; tries++) {
    try {
      return await jobs.create(spec)
    } catch (error) {
      if (!(error instanceof CloudError) || !doubtful.has(error.failure)) throw error
      const job = await jobs.job(spec.location, spec.id)
      if (job !== undefined && isOurs(job, run)) return
      if (job !== undefined) throw refuseName(spec, error)
      if (tries === unclearTries || signal.aborted) throw error
      await clock.sleep(unclearPauseMs, signal)
    }
  }
}

/** Whether a job carries the labels of this run. */
export function isOurs({ labels }: JobRecord, run: RunRecord): boolean {
  return labels.tool === 'mayfly' && labels['mayfly-run'] === run.id
}

function refuseName({ id, location }: { id: string; location: string }, cause: CloudError): ConflictError {
  return new ConflictError(
    `A job named ${id} exists in ${location} and does not carry this run's labels. Nothing has been changed; look at it, and delete it if nobody needs it.`,
    { cause },
  )
}

/** Stores the rows of a run's tasks, for the machines. Those of an earlier caller are the same: the claim says so. */
export async function storeRows(objects: Objects, path: string, rows: readonly Row[]): Promise<void> {
  const starts = Array.from(
    { length: Math.ceil(rows.length / rowsInChunk) },
    (_, chunk) => chunk * rowsInChunk,
  )
  await inParallel(starts, 8, async (start) => {
    const chunk = rows.slice(start, start + rowsInChunk)
    const name = taskObjects.rows(path, start)
    await objects.create(name, JSON.stringify(chunk), { contentType: 'application/json' })
  })
}
