import { stopTasks } from '../../cloud-batch/stop.ts'
import { CloudError, type CloudFailure, exitCodes, MayflyError } from '../../errors.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import type { ResultState } from '../../protocol/records.ts'
import { sealAttempt } from '../../protocol/seal.ts'
import { formatDuration } from '../../units.ts'
import type { Objects } from '../../world.ts'
import type { Leftover } from './plan.ts'

/** What a lost machine's run says now. */
export interface SealedRun {
  readonly run: string
  readonly attempt: number
  /** Its result, sealed just now or there before; absent when the bucket does not know the attempt, or by a fault. */
  readonly state?: ResultState
  /** Why it could not be read or sealed. */
  readonly fault?: string
  readonly failure?: CloudFailure
}

/** Writes the result `lost` for an attempt that has none. Never throws: the machine has to go all the same. */
export async function sealLost(
  objects: Objects,
  machine: Leftover,
  { run, number }: NonNullable<Leftover['attempt']>,
): Promise<SealedRun> {
  try {
    const state = await conclude(objects, machine, run, number)
    return { run, attempt: number, ...(state && { state }) }
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error
    const failure = error instanceof CloudError ? { failure: error.failure } : {}
    return { run, attempt: number, fault: error.message, ...failure }
  }
}

async function conclude(
  objects: Objects,
  { name, zone, job, overdueSeconds }: Leftover,
  run: string,
  number: number,
) {
  const attempts = await readAttempts(objects, run)
  const attempt = attempts.find(({ record }) => record.number === number && record.instance === (job ?? name))
  // A run of another bucket is for whoever follows it there.
  if (attempt === undefined) return undefined
  if (attempt.result !== undefined) return attempt.result.state
  const message = `The machine was still there ${formatDuration(overdueSeconds)} after its deadline, nobody was following it, and it had written no result; a sweep deleted it.`
  const verdict = { state: 'lost', exitCode: exitCodes.lost, message, ...(zone && { zone }) } as const
  if (job !== undefined) await stopTasks(objects, run, number, verdict)
  return (await sealAttempt(objects, run, number, verdict)).state
}
