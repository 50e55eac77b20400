import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { createRecord } from '../protocol/create.ts'
import { parseRecord, resultStates } from '../protocol/records.ts'
import type { Verdict } from '../protocol/seal.ts'
import type { Objects } from '../world.ts'
import { taskObjects } from './depot.ts'

const stopRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  state: z.enum(resultStates),
  exitCode: z.number(),
  message: z.string(),
})

/**
 * Lets no further task of an attempt begin its work. A task looks for this once it has entered its fence, and whoever
 * stops looks for fences afterwards: one of them sees the other. Gives the verdict of whoever was first.
 */
export async function stopTasks(
  objects: Objects,
  run: string,
  attempt: number,
  { state, exitCode, message }: Verdict,
): Promise<Verdict> {
  const name = taskObjects.stopped(run, attempt)
  const record = { schema: 1, nonce: randomUUID(), state, exitCode, message } as const
  const creation = await createRecord(objects, name, record)
  return creation.mine ? record : parseRecord(stopRecord, name, creation.bytes)
}

/** Why no task of the attempt may begin; undefined while they may. */
export async function readStop(
  objects: Objects,
  run: string,
  attempt: number,
): Promise<Pick<Verdict, 'state' | 'exitCode' | 'message'> | undefined> {
  const name = taskObjects.stopped(run, attempt)
  const bytes = await objects.read(name)
  if (bytes === undefined) return undefined
  const { state, exitCode, message } = parseRecord(stopRecord, name, bytes)
  return { state, exitCode, message }
}
