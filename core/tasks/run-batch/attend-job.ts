import type { Row } from '../../batch/task-keys.ts'
import { Board } from '../../cloud-batch/board.ts'
import { findLocation } from '../../cloud-batch/compile.ts'
import { concludeJob } from '../../cloud-batch/conclude.ts'
import { createJob, isOurs, type JobFoundry, storeRows } from '../../cloud-batch/create-job.ts'
import { taskObjects } from '../../cloud-batch/depot.ts'
import { type Followed, followJob, type JobWatch } from '../../cloud-batch/follow-job.ts'
import { writeRanges } from '../../cloud-batch/ranges.ts'
import { type JobRemoval, removeJob } from '../../cloud-batch/remove-job.ts'
import { noteEnds, settleTries } from '../../cloud-batch/settle.ts'
import { stopTasks } from '../../cloud-batch/stop.ts'
import { runObjects } from '../../depot.ts'
import { exitCodes } from '../../errors.ts'
import type { Attempt } from '../../protocol/attempts.ts'
import type { Claim } from '../../protocol/claim.ts'
import type { Departure } from '../../protocol/departure.ts'
import { watchAbort } from '../../protocol/follow.ts'
import { parseRecord, type ResultRecord, type RunRecord, resultRecord } from '../../protocol/records.ts'
import { cancelled, readAbortCode, type Verdict } from '../../protocol/seal.ts'
import type { Attendance } from './attend.ts'
import { judgeRefusal } from './refusals.ts'

/** All that attending to a job needs. */
export interface JobBench extends JobWatch, JobFoundry, JobRemoval {
  /** Of the run's tasks, where the asker has them: not when it only follows. */
  readonly rows?: readonly Row[]
}

const budgets = {
  /** To see every machine gone after the result. */
  removal: 10 * 60_000,
  /** When the host wants to stop. */
  hurriedRemoval: 3000,
  /** For a creation that is under way then. */
  creation: 2000,
  /** A job that is not there is made while its first asker may still be at it. */
  adoption: 10 * 60_000,
}

/** Attends to an attempt that is a job: has it, follows it, ends it. */
export async function attendJob(
  bench: JobBench,
  claim: Claim,
  attempt: Attempt,
  wait: boolean,
): Promise<Attendance> {
  const { clock } = bench
  const { run, path } = claim
  const began = clock.now()
  const board = openBoard(run, attempt)
  // Nothing is left to do: what was cancelled had been done by then.
  const obtained = board.open === 0 ? ({ is: 'done' } as const) : await obtainJob(bench, claim, attempt)
  const before = attempt.fresh ? [{ name: 'create', seconds: (clock.now() - began) / 1000 }] : []
  if (obtained === undefined && !wait) return { attempt, before, after: [] }
  const followed = obtained ?? (await followJob(bench, run, path, attempt, board))
  const tasks = { name: 'tasks', seconds: (clock.now() - began) / 1000 - (before[0]?.seconds ?? 0) }
  const result = await endAttempt(bench, claim, attempt, board, followed)
  const ended = { ...attempt, result }
  const { departure, after } = await closeJob(bench, claim, ended)
  return { attempt: ended, result, departure, before: [...before, tasks], after }
}

/** Sees a job and its machines gone. */
export async function closeJob(
  bench: JobRemoval & { readonly signal?: AbortSignal },
  { run }: Claim,
  attempt: Attempt,
) {
  const { clock } = bench
  const began = clock.now()
  const hurry = bench.signal?.aborted === true
  const departure = await removeJob(bench, run, attempt, {
    budgetMs: hurry ? budgets.hurriedRemoval : budgets.removal,
    // Where all is done, the job is about to end by itself.
    atOnce: hurry || attempt.result?.state !== 'succeeded',
  })
  return { departure, after: [{ name: 'delete', seconds: (clock.now() - began) / 1000 }] }
}

/** Ends an attempt from outside, its job and its machines, and gives its result: for whoever does not follow it. */
export async function endJob(
  bench: Pick<JobBench, 'objects' | 'clock' | 'jobs' | 'fleet'>,
  claim: Claim,
  attempt: Attempt,
  verdict: Verdict,
  budgetMs: number,
): Promise<{ readonly attempt: Attempt; readonly result: ResultRecord; readonly departure: Departure }> {
  const followed: Followed = { is: 'ended', verdict, hurry: false }
  const board = openBoard(claim.run, attempt)
  const result = attempt.result ?? (await endAttempt(bench, claim, attempt, board, followed))
  const ended = { ...attempt, result }
  const departure = await removeJob(bench, claim.run, ended, { budgetMs, atOnce: true })
  return { attempt: ended, result, departure }
}

/** The tasks that an attempt after this one is for: those that have not succeeded in any. */
export async function listUnfinished(
  bench: Pick<JobBench, 'objects' | 'clock'>,
  { run, path }: Claim,
  attempts: readonly Attempt[],
): Promise<string | undefined> {
  const last = attempts.at(-1)
  if (last === undefined) return undefined
  const board = openBoard(run, last)
  // Its result is there, so that no task of it begins; what one has done and nobody has listed counts.
  const verdict = await stopTasks(bench.objects, path, last.record.number, last.result ?? lost)
  await settleTries(bench, path, last.record.number, board, verdict)
  const open = new Set(board.listOpen())
  const failed = board.listFailed()
  return writeRanges([...new Set([...open, ...failed])].sort((a, b) => a - b))
}

const lost: Verdict = { state: 'lost', exitCode: exitCodes.lost, message: 'The task has no result.' }

/** How the tasks of an attempt stand now. */
export async function readBoard(
  { objects }: Pick<JobBench, 'objects'>,
  { run, path }: Claim,
  attempt: Attempt,
): Promise<Board> {
  const board = openBoard(run, attempt)
  await noteEnds(objects, path, attempt.record.number, board)
  return board
}

function openBoard({ tasks }: RunRecord, { record }: Attempt): Board {
  return new Board(tasks?.count ?? 1, record.tasks)
}

async function endAttempt(
  bench: Pick<JobBench, 'objects' | 'clock' | 'jobs'>,
  { run, path }: Claim,
  { record }: Attempt,
  board: Board,
  followed: Followed,
): Promise<ResultRecord> {
  const { objects } = bench
  const { number, instance } = record
  if (followed.is === 'concluded') return readResult(objects, runObjects.result(path, number))
  if (followed.is === 'done') return concludeJob(objects, run, path, number, board, undefined)
  const verdict = { ...followed.verdict, ...(await stopTasks(objects, path, number, followed.verdict)) }
  // Who is in a hurry has the job ended after the result, which says what is known by now.
  if (!followed.hurry) {
    await bench.jobs.cancel(findLocation(run), instance)
    await settleTries(bench, path, number, board, verdict)
  }
  return concludeJob(objects, run, path, number, board, verdict)
}

async function readResult(objects: JobBench['objects'], name: string): Promise<ResultRecord> {
  return parseRecord(resultRecord, name, (await objects.read(name)) ?? new Uint8Array())
}

/** The attempt's job: found, or made. Undefined when it is there; what is to become of the attempt when it is not. */
async function obtainJob(bench: JobBench, claim: Claim, attempt: Attempt): Promise<Followed | undefined> {
  const { jobs, objects, clock, signal, rows } = bench
  const { run, path } = claim
  if (!attempt.fresh) {
    const job = await jobs.job(findLocation(run), attempt.record.instance)
    if (job !== undefined && isOurs(job, run)) return undefined
    const begun = await hasBegun(objects, path, attempt.record.number)
    // Following finds that it is gone.
    if (begun || clock.now() - attempt.created > budgets.adoption) return undefined
  }
  const create = async (): Promise<Followed | undefined> => {
    try {
      if (rows !== undefined) await storeRows(objects, path, rows)
      await createJob(bench, run, path, attempt)
      return undefined
    } catch (error) {
      return { is: 'ended', verdict: judgeRefusal(error).verdict, hurry: false }
    }
  }
  const creation = create()
  const first = await Promise.race([creation.then((followed) => ({ followed })), watchAbort(signal)])
  if (first !== undefined) return first.followed
  await Promise.race([creation, clock.sleep(budgets.creation)])
  return { is: 'ended', verdict: cancelled(bench.by, readAbortCode(signal)), hurry: true }
}

/** Whether any task has left a trace. */
async function hasBegun(objects: JobBench['objects'], path: string, attempt: number): Promise<boolean> {
  for await (const _ of objects.list(taskObjects.tasks(path, attempt))) return true
  return false
}
