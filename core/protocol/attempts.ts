import { randomUUID } from 'node:crypto'
import { recentObject, runObjects } from '../depot.ts'
import { nameInstance } from '../names.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import {
  type AttemptRecord,
  attemptRecord,
  parseRecord,
  type ResultRecord,
  type RunRecord,
  resultRecord,
} from './records.ts'

/** An attempt as the depot shows it. */
export interface Attempt {
  readonly record: AttemptRecord
  /** Milliseconds since the epoch, on Google's clock. */
  readonly created: number
  readonly result?: ResultRecord
  /** Opened by this caller just now: its machine has not been asked for. */
  readonly fresh: boolean
}

/** A machine that does not boot is replaced this often; it never counts as an attempt. */
const bootTries = 3

/** All attempts of a run, in order. */
export async function readAttempts(objects: Objects, path: string): Promise<readonly Attempt[]> {
  const found: { name: string; created: number }[] = []
  for await (const object of objects.list(`${path}/a`, { glob: `${path}/a*/{attempt,result}.json` }))
    found.push(object)
  const attempts = found.filter(({ name }) => name.endsWith('/attempt.json'))
  const results = new Set(found.map(({ name }) => name))
  const read = await Promise.all(
    attempts.map(({ name, created }) => readAttempt(objects, name, created, results)),
  )
  return read.flatMap((attempt) => attempt ?? []).sort((a, b) => a.record.number - b.record.number)
}

async function readAttempt(objects: Objects, name: string, created: number, present: ReadonlySet<string>) {
  const resultName = name.replace(/attempt\.json$/, 'result.json')
  const [bytes, result] = await Promise.all([
    objects.read(name),
    present.has(resultName) ? objects.read(resultName) : undefined,
  ])
  if (bytes === undefined) return undefined
  const record = parseRecord(attemptRecord, name, bytes)
  return {
    record,
    created,
    fresh: false,
    ...(result && { result: parseRecord(resultRecord, resultName, result) }),
  }
}

/** Opens an attempt, or finds that another caller has opened it. `time` only puts it in order among the batch's. */
export async function openAttempt(
  objects: Objects,
  path: string,
  run: RunRecord,
  number: number,
  jobAttempt: number,
  time: number,
  tasks?: string,
): Promise<Attempt> {
  // First, so that no attempt is without its entry. An entry without its attempt is one whose opener died in between.
  await objects.create(recentObject(run.batch, run.id, number, time), '')
  const record: AttemptRecord = {
    schema: 1,
    nonce: randomUUID(),
    number,
    instance: nameInstance(run.batch, run.id, number),
    jobAttempt,
    ...(tasks !== undefined && { tasks }),
  }
  const name = runObjects.attempt(path, number)
  const creation = await createRecord(objects, name, record)
  if (creation.mine) return { record, created: creation.created, fresh: true }
  const stat = await objects.stat(name)
  return {
    record: parseRecord(attemptRecord, name, creation.bytes),
    created: stat?.created ?? 0,
    fresh: false,
  }
}

export type Next =
  | { readonly do: 'report'; readonly attempt: Attempt }
  | { readonly do: 'follow'; readonly attempt: Attempt }
  | { readonly do: 'open'; readonly number: number }

/**
 * What a caller does about a run: open its first or next attempt, follow the one that runs, or report the last.
 * `jobAttempt` is the caller's try of its CI job: a job that a person runs again wants failed work done again.
 */
export function decideNext(
  run: Pick<RunRecord, 'attempts' | 'engine'>,
  attempts: readonly Attempt[],
  wish: { readonly jobAttempt: number; readonly retry: boolean },
): Next {
  const last = attempts.at(-1)
  if (last === undefined) return { do: 'open', number: 1 }
  if (last.result === undefined) return { do: 'follow', attempt: last }
  const again = mayTryAgain(run, attempts) || wish.retry || wish.jobAttempt > last.record.jobAttempt
  if (last.result.state === 'succeeded' || !again) return { do: 'report', attempt: last }
  return { do: 'open', number: last.record.number + 1 }
}

/** Whether the run's own budget allows another machine after its last result. */
function mayTryAgain(run: Pick<RunRecord, 'attempts' | 'engine'>, attempts: readonly Attempt[]): boolean {
  // Each of its tasks has had them.
  if (run.engine === 'cloud-batch') return false
  const last = attempts.at(-1)?.result
  if (last?.state !== 'lost' && last?.state !== 'preempted') return false
  // Only the attempts that this asking opened: an earlier one's are spent.
  const asked = attempts.filter(({ record }) => record.jobAttempt === attempts.at(-1)?.record.jobAttempt)
  const began = asked.filter(({ result }) => result?.began).length
  return last.began ? began < run.attempts : asked.length - began < bootTries
}
