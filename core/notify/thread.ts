import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { createRecord } from '../protocol/create.ts'
import { parseRecord } from '../protocol/records.ts'
import type { Objects, SlackPost } from '../world.ts'

const threadRecord = z.object({
  schema: z.literal(1),
  /** The channel as the asker writes it. */
  asked: z.string(),
  channel: z.string(),
  ts: z.string(),
})

/** The message that was kept under a name, if it went to the channel that is asked for now. */
export async function readThread(
  objects: Objects,
  name: string,
  asked: string,
): Promise<SlackPost | undefined> {
  const bytes = await objects.read(name)
  const thread = bytes && parseRecord(threadRecord, name, bytes)
  return thread?.asked === asked ? { channel: thread.channel, ts: thread.ts } : undefined
}

/** Keeps a message whose thread goes on. */
export async function keepThread(
  objects: Objects,
  name: string,
  thread: SlackPost & { readonly asked: string },
): Promise<void> {
  await createRecord(objects, name, { schema: 1, nonce: randomUUID(), ...thread })
}
