import { exitCodes } from '../errors.ts'
import { parseRecord, type ResultRecord, resultRecord } from '../protocol/records.ts'
import { sealAttempt, type Verdict } from '../protocol/seal.ts'
import type { Objects } from '../world.ts'

/** What a VM that is given a task may do about it. */
export type Opening =
  /** Begin the try of this number. */
  | { readonly is: 'open'; readonly number: number }
  /** Nothing: it has its result. */
  | { readonly is: 'over'; readonly number: number; readonly result: ResultRecord }

const replaced: Verdict = {
  state: 'lost',
  exitCode: exitCodes.lost,
  message: 'The task was given to another machine: preempted, rebooted, or not heard of any more.',
}

/**
 * Decides about one more try of a task. Batch gives a task to another VM when it has not heard of the first, which may
 * work on all the same: that try is ended first, so that two never count. `attempts` is how many may begin their work.
 */
export async function openTry(objects: Objects, path: string, attempts: number): Promise<Opening> {
  let began = 0
  let last: { readonly number: number; readonly result: ResultRecord } | undefined
  for (const [number, ended] of await listTries(objects, path)) {
    const result = ended
      ? await readResult(objects, path, number)
      : await sealAttempt(objects, path, number, replaced)
    last = { number, result }
    if (!mayRunAgain(result.state)) return { is: 'over', ...last }
    if (result.began) began++
  }
  if (last !== undefined && began >= attempts) return { is: 'over', ...last }
  return { is: 'open', number: (last?.number ?? 0) + 1 }
}

/** Whether a try ended by no doing of the task's own. */
export function mayRunAgain(state: ResultRecord['state']): boolean {
  return state === 'lost' || state === 'preempted'
}

/** The tries of a task that have begun, in order, and whether each has its result. */
export async function listTries(
  objects: Objects,
  path: string,
): Promise<readonly (readonly [number, boolean])[]> {
  const tries = new Map<number, boolean>()
  const glob = `${path}/a*/{started,result}.json`
  for await (const { name } of objects.list(`${path}/a`, { glob })) {
    const number = Number(/\/a(\d+)\/\w+\.json$/.exec(name)?.[1])
    tries.set(number, tries.get(number) || name.endsWith('/result.json'))
  }
  return [...tries].sort(([a], [b]) => a - b)
}

/** The result of a try that has one. */
export async function readResult(objects: Objects, path: string, number: number): Promise<ResultRecord> {
  const name = `${path}/a${number}/result.json`
  return parseRecord(resultRecord, name, (await objects.read(name)) ?? new Uint8Array())
}
