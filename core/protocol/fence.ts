import { randomUUID } from 'node:crypto'
import { runObjects } from '../depot.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import { parseRecord, type StartedRecord, startedRecord } from './records.ts'

/** What a machine finds at the fence. */
export type Entry =
  /** It may work; `created` is when it entered, in milliseconds on Google's clock. */
  | { readonly is: 'enter'; readonly created: number }
  /** Another machine or the controller was there first. */
  | { readonly is: 'theirs'; readonly by: StartedRecord }
  /** It has been here before: startup scripts run at every boot. */
  | { readonly is: 'rebooted' }

/**
 * Lets one machine through, once. Only the numeric id tells machines apart: a name, and whatever is on a boot disk, may
 * belong to a machine that was deleted, duplicated or started again.
 */
export async function enterFence(
  objects: Objects,
  path: string,
  number: number,
  machine: { readonly instanceId: string; readonly zone: string },
): Promise<Entry> {
  const name = runObjects.started(path, number)
  const record: StartedRecord = { schema: 1, nonce: randomUUID(), by: 'machine', ...machine }
  const creation = await createRecord(objects, name, record)
  if (creation.mine) return { is: 'enter', created: creation.created }
  const by = parseRecord(startedRecord, name, creation.bytes)
  return by.by === 'machine' && by.instanceId === machine.instanceId
    ? { is: 'rebooted' }
    : { is: 'theirs', by }
}

/** The zone of the machine that was let through; undefined when none was. */
export async function readEntrance(
  objects: Objects,
  path: string,
  number: number,
): Promise<string | undefined> {
  const name = runObjects.started(path, number)
  const bytes = await objects.read(name)
  return bytes && parseRecord(startedRecord, name, bytes).zone
}
