import { createHash } from 'node:crypto'

// Every name and label of a machine is a function of its run and attempt, known before the first call: whoever comes
// after a controller that died finds the machine without a stored id.

/** 16 hex digits that stand for a run key. */
export function deriveRunId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}

/** A batch's name: a part of its machines' names. */
export const batchNamePattern = /^[a-z][a-z0-9-]{0,39}$/u

/** At most 63 characters, as Compute Engine wants: `mayfly-<batch>-<id>-a<attempt>`. */
export function nameInstance(batch: string, id: string, attempt: number): string {
  return `mayfly-${batch.slice(0, 24)}-${id}-a${attempt}`
}

export const zonePattern = /^[a-z]+-[a-z]+\d+-[a-z0-9]+$/u

/** `us-central1-a` → `us-central1` */
export function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf('-'))
}

/** What `sweep` and adoption go by; the deadline is in seconds since the epoch on Google's clock. */
export function labelInstance(run: { batch: string; id: string }, attempt: number, deadline: number) {
  return {
    tool: 'mayfly',
    'mayfly-batch': run.batch,
    'mayfly-run': run.id,
    'mayfly-attempt': String(attempt),
    'mayfly-deadline': String(deadline),
  }
}

/** A UUID (version 5, RFC 9562) that is the same whenever the same request is meant. */
export function deriveRequestId(...parts: readonly (string | number)[]): string {
  const namespace = Buffer.from('6ba7b8129dad11d180b400c04fd430c8', 'hex')
  const hash = createHash('sha1')
    .update(namespace)
    .update(`mayfly:${parts.join('|')}`)
    .digest()
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex').slice(0, 32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
