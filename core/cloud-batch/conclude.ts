import { randomUUID } from 'node:crypto'
import { exitCodes } from '../errors.ts'
import type { ResultRecord, RunRecord, Tally } from '../protocol/records.ts'
import { concludeAttempt } from '../protocol/result.ts'
import type { Verdict } from '../protocol/seal.ts'
import type { Objects } from '../world.ts'
import type { Board } from './board.ts'
import { taskObjects } from './depot.ts'

/** What an attempt without a verdict of its own would say of a task that it knows nothing of. */
const unknown: Verdict = {
  state: 'lost',
  exitCode: exitCodes.lost,
  message: 'The task has no result.',
}

/** Writes the result of a job's attempt from how its tasks ended, once; the winner's is everyone's. */
export async function concludeJob(
  objects: Objects,
  run: RunRecord,
  path: string,
  attempt: number,
  board: Board,
  verdict: Verdict | undefined,
): Promise<ResultRecord> {
  const tally = board.tally(verdict ?? unknown)
  const outputs = run.outputs.map(({ name, path: from, to }) => ({
    name,
    path: from,
    uri: to ?? `gs://${objects.bucket}/${taskObjects.tasks(path, attempt)}*/a*/outputs/${name}`,
  }))
  return concludeAttempt(objects, path, attempt, {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
    ...judge(board, tally, verdict),
    began: true,
    placement: { type: run.machine.type, spot: run.machine.spot, soldOut: [] },
    tasks: { ...tally },
    steps: [],
    phases: [],
    outputs: board.succeeded === 0 ? [] : outputs.map((output) => ({ ...output, files: 0, bytes: 0 })),
  })
}

/** The run's own end: that of all tasks, of who stopped it, or of the task whose failure says most. */
function judge(board: Board, { count, unfinished }: Tally, verdict: Verdict | undefined): Verdict {
  const worst = board.findWorst()
  if (worst === undefined) {
    const message = count === 1 ? 'The task succeeded.' : `All ${count} tasks succeeded.`
    return { state: 'succeeded', exitCode: exitCodes.success, message }
  }
  const figures = `${count - board.succeeded} of ${count} tasks did not succeed (${shorten(unfinished)}).`
  if (verdict?.state === 'cancelled' || verdict?.reason !== undefined)
    return { ...verdict, message: `${verdict.message} ${figures}` }
  const { index, failure } = worst
  const { state, reason, exitCode, message = '' } = failure
  return {
    state,
    ...(reason !== undefined && { reason: reason as NonNullable<Verdict['reason']> }),
    exitCode,
    message: `${figures} Task ${index}: ${message}`,
  }
}

function shorten(ranges: string): string {
  return ranges.length > 80 ? `${ranges.slice(0, 80).replace(/,[^,]*$/, '')}, …` : ranges
}
