import { createHash } from 'node:crypto'

let last = 0

/**
 * A numeric id that was never given before. Microseconds since 1970, so that it stays below 2^53: guests that read ids
 * as JavaScript or JSON numbers would round a longer one, and take a new machine for an old one.
 */
export function makeId(): string {
  last = Math.max(last + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000))
  return String(last)
}

/** A project's number, the same on every day. */
export function numberProject(project: string): string {
  return String(Number.parseInt(hash(project).toString('hex').slice(0, 10), 16))
}

/** Google's fingerprint of a value that is changed by compare-and-set. */
export function fingerprint(value: unknown): string {
  return hash(JSON.stringify(value)).subarray(0, 8).toString('base64')
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
