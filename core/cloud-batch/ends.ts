import type { ResultRecord } from '../protocol/records.ts'
import type { Objects, StoredObject } from '../world.ts'
import { readEndName, taskObjects } from './depot.ts'

/** How a try of a task ended, as the list of ends shows it: a copy of its result, which alone decides. */
export interface End {
  readonly index: number
  readonly number: number
  /** Milliseconds since the epoch, on Google's clock or near it. */
  readonly endedMs: number
  readonly state: ResultRecord['state']
  readonly reason?: string
  readonly exitCode: number
  readonly message: string
  /** How long it took, by the machine's own measure. */
  readonly seconds: number
}

/** Metadata of an object holds 8 KiB. */
const longestMessage = 400

/** Lists a try's end, once its result is written. One that is listed already is left. */
export async function listEnd(
  objects: Objects,
  run: string,
  attempt: number,
  { index, number, endedMs }: Pick<End, 'index' | 'number' | 'endedMs'>,
  { state, reason, exitCode, message, phases }: ResultRecord,
): Promise<End> {
  const text = message.slice(0, longestMessage)
  const seconds = Math.round(phases.reduce((sum, phase) => sum + phase.seconds, 0) * 1000) / 1000
  const metadata = {
    state,
    exitCode: String(exitCode),
    message: text,
    seconds: String(seconds),
    ...(reason && { reason }),
  }
  await objects.create(taskObjects.end(run, attempt, endedMs, index, number), '', { metadata })
  return { index, number, endedMs, state, exitCode, message: text, seconds, ...(reason && { reason }) }
}

/** The ends that are listed from a time on, in order. */
export async function* readEnds(
  objects: Objects,
  run: string,
  attempt: number,
  fromMs: number,
): AsyncIterable<End> {
  const prefix = taskObjects.ends(run, attempt)
  const startOffset = taskObjects.end(run, attempt, Math.max(0, fromMs), 0, 0)
  for await (const object of objects.list(prefix, { startOffset })) {
    const end = readEnd(object)
    if (end) yield end
  }
}

function readEnd({ name, metadata }: StoredObject): End | undefined {
  const place = readEndName(name)
  const { state, reason, exitCode, message = '', seconds = '0' } = metadata
  if (place === undefined || state === undefined) return undefined
  return {
    ...place,
    state: state as End['state'],
    ...(reason !== undefined && { reason }),
    exitCode: Number(exitCode),
    message,
    seconds: Number(seconds),
  }
}
