import type { Objects } from '../world.ts'
import { writeRecord } from './records.ts'

/** Who wrote the record: this caller, or another one whose bytes are given. */
export type Creation =
  | { readonly mine: true; readonly created: number }
  | { readonly mine: false; readonly bytes: Uint8Array }

/**
 * Creates a record once. A refused or unclear creation is read back and the nonce decides, because a create whose
 * answer was lost is answered 412 when it is tried again, although the object is ours.
 */
export async function createRecord<Record extends { readonly nonce: string }>(
  objects: Objects,
  name: string,
  record: Record,
): Promise<Creation> {
  const created = await objects.create(name, writeRecord(record), { contentType: 'application/json' })
  if (created !== 'exists') return { mine: true, created: created.created }
  const bytes = await objects.read(name)
  // Deleted by hand between the two calls; the next try of whoever asked starts over.
  if (bytes === undefined) return createRecord(objects, name, record)
  if (readNonce(bytes) !== record.nonce) return { mine: false, bytes }
  const stored = await objects.stat(name)
  return { mine: true, created: stored?.created ?? 0 }
}

function readNonce(bytes: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { nonce?: unknown } | null)?.nonce
  } catch {
    return undefined
  }
}
