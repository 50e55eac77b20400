import { inParallel } from '../parallel.ts'
import { sealAttempt, type Verdict } from '../protocol/seal.ts'
import type { Clock, Objects } from '../world.ts'
import type { Board } from './board.ts'
import { taskObjects } from './depot.ts'
import { listEnd, readEnds } from './ends.ts'
import { readResult } from './tries.ts'

/** Calls at a time. */
const width = 16

/** Notes every end that is listed. */
export async function noteEnds(objects: Objects, run: string, attempt: number, board: Board): Promise<void> {
  for await (const end of readEnds(objects, run, attempt, 0)) board.note(end)
}

/**
 * Gives every try that has begun its result, once no other can begin: the one that it wrote and could not list, or the
 * verdict. The board then has them all; what is open on it after that has never begun.
 */
export async function settleTries(
  { objects, clock }: { readonly objects: Objects; readonly clock: Clock },
  run: string,
  attempt: number,
  board: Board,
  verdict: Verdict,
): Promise<void> {
  await noteEnds(objects, run, attempt, board)
  if (board.open === 0) return
  const tries = await listBegun(objects, run, attempt, new Set(board.listOpen()))
  await inParallel(tries, width, async ([index, { number, ended }]) => {
    const path = taskObjects.task(run, attempt, index)
    const result = ended
      ? await readResult(objects, path, number)
      : await sealAttempt(objects, path, number, verdict)
    board.note(await listEnd(objects, run, attempt, { index, number, endedMs: clock.now() }, result))
  })
}

/** The last try of each of these tasks that has begun. */
async function listBegun(objects: Objects, run: string, attempt: number, open: ReadonlySet<number>) {
  const prefix = taskObjects.tasks(run, attempt)
  const tries = new Map<number, { readonly number: number; readonly ended: boolean }>()
  for await (const { name } of objects.list(prefix, { glob: `${prefix}*/a*/{started,result}.json` })) {
    const [, task, try_, what] = /\/t(\d+)\/a(\d+)\/(\w+)\.json$/.exec(name) ?? []
    const index = Number(task)
    const number = Number(try_)
    const known = tries.get(index)
    if (!open.has(index) || (known !== undefined && known.number > number)) continue
    tries.set(index, { number, ended: (known?.number === number && known.ended) || what === 'result' })
  }
  return tries
}
