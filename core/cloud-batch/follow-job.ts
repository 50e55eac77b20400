import { runObjects } from '../depot.ts'
import type { Log } from '../host.ts'
import type { Attempt } from '../protocol/attempts.ts'
import { readPatience } from '../protocol/choices.ts'
import { watchAbort } from '../protocol/follow.ts'
import type { RunRecord } from '../protocol/records.ts'
import { cancelled, readAbortCode, type Verdict } from '../protocol/seal.ts'
import type { BatchJobs, Clock, JobRecord, Objects } from '../world.ts'
import type { Board } from './board.ts'
import { findLocation } from './compile.ts'
import { EndReader } from './end-reader.ts'
import type { End } from './ends.ts'
import { judgeEnd, judgeWaiting } from './judge.ts'
import { Progress } from './progress.ts'
import { isJobOver } from './remove-job.ts'
import { noteEnds } from './settle.ts'

/** What following a job needs from the world. */
export interface JobWatch {
  readonly objects: Objects
  readonly jobs: BatchJobs
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Who to name when the signal aborts. */
  readonly by: string
}

const times = {
  /** Between lists of the ends: one a second at most. */
  poll: { least: 1000, most: 5000 },
  /** Between looks at the job itself. */
  job: 5000,
  /** After the job's own end, for results that are on their way. */
  settling: 10_000,
  /** Between lines for those who see no moving figures. */
  line: { least: 60_000, most: 600_000 },
}

/** Failures that are told one by one. */
const mostTold = 20

/** How following came to its end. */
export type Followed =
  /** Every task has a result that stays. */
  | { readonly is: 'done' }
  /** Someone else has written the run's result. */
  | { readonly is: 'concluded' }
  /** What is left of it is to be ended. */
  | { readonly is: 'ended'; readonly verdict: Verdict; readonly hurry: boolean }

/**
 * Follows a job until its tasks have their results: notes their ends as they are listed, tells of failures, and says in
 * one line how it stands. What decides is in the depot; Batch is asked for the figures of those that wait and run, and
 * whether it goes on at all.
 */
export async function followJob(
  watch: JobWatch,
  run: RunRecord,
  path: string,
  attempt: Attempt,
  board: Board,
): Promise<Followed> {
  const { objects, jobs, clock, log, signal } = watch
  const { number, instance } = attempt.record
  const began = clock.now()
  const aborted = watchAbort(signal)
  const teller = new Teller(log)
  let progress: Progress | undefined
  const reader = new EndReader(objects, path, number)
  const openAtFirst = board.open
  let more = true
  let looked = Number.NEGATIVE_INFINITY
  let overSince: number | undefined
  let job: JobRecord | undefined
  let lined = began
  let lineMs = times.line.least

  const readNew = async () => {
    more = await reader.read(clock.now(), (end) => {
      if (board.note(end)) teller.tell(end)
    })
    // Those of the time before us are no measure of the rate.
    if (!more) progress ??= new Progress(board, clock.now())
  }

  const look = async (): Promise<Followed | undefined> => {
    job = await jobs.job(findLocation(run), instance)
    if ((await objects.stat(runObjects.result(path, number))) !== undefined) return { is: 'concluded' }
    if (job === undefined || isJobOver(job.state)) {
      overSince ??= clock.now()
      if (clock.now() - overSince < times.settling && job !== undefined) return undefined
      // A last look at all: an end may have been listed later than anyone looks.
      await noteEnds(objects, path, number, board)
      return board.open === 0 ? { is: 'done' } : { is: 'ended', verdict: judgeEnd(job), hurry: false }
    }
    overSince = undefined
    if (countBegun(job) > 0 || board.open < openAtFirst) return undefined
    const verdict = judgeWaiting(job, clock.now() - began, readPatience(run))
    return verdict && { is: 'ended', verdict, hurry: false }
  }

  for (;;) {
    // A call that hangs must not keep a host that wants to stop from stopping.
    await Promise.race([readNew(), aborted])
    if (signal.aborted) {
      const verdict = cancelled(watch.by, readAbortCode(signal))
      return { is: 'ended', verdict, hurry: true }
    }
    if (board.open === 0) return { is: 'done' }
    if (clock.now() - looked >= times.job) {
      looked = clock.now()
      const followed = await Promise.race([look(), aborted])
      if (followed !== undefined) return followed
    }
    const line = progress?.describe(job?.counts.RUNNING ?? 0, clock.now()) ?? ''
    log.progress(line)
    if (clock.now() - lined >= lineMs) {
      log.info(line)
      lined = clock.now()
      lineMs = Math.min(times.line.most, lineMs * 1.5)
    }
    const usual = Math.min(times.poll.most, Math.max(times.poll.least, (clock.now() - began) / 60))
    const pause = more ? times.poll.least : usual
    await clock.sleep(pause, signal)
  }
}

function countBegun({ counts }: JobRecord): number {
  return (counts.ASSIGNED ?? 0) + (counts.RUNNING ?? 0) + (counts.SUCCEEDED ?? 0) + (counts.FAILED ?? 0)
}

/** Tells of failures as they happen; of many alike, people need no more than some. */
class Teller {
  readonly #log: Log
  #told = 0

  constructor(log: Log) {
    this.#log = log
  }

  tell({ index, message }: End): void {
    if (this.#told++ < mostTold) this.#log.warn(`Task ${index}: ${message}`)
    else if (this.#told === mostTold + 1)
      this.#log.warn('More tasks fail. The figures go on; the result says which.')
  }
}
