import { setTimeout as sleep } from 'node:timers/promises'

/** The bytes with one bit of the first one flipped. */
export async function* flipBit(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let flipped = false
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk)
    if (!flipped && bytes.length > 0) bytes[0] = (bytes[0] as number) ^ 1
    flipped ||= bytes.length > 0
    yield bytes
  }
}

/** The first `atBytes` of the bytes; then an error, if there are more. */
export async function* breakAfter(body: AsyncIterable<Buffer>, atBytes: number): AsyncGenerator<Buffer> {
  let left = atBytes
  for await (const chunk of body) {
    if (left > 0) yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) throw new BrokenOff()
  }
}

/** A body that a fault ended. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

/** All of the bytes, with a pause of `ms` once `atBytes` have come. */
export async function* stallAt(
  body: AsyncIterable<Buffer>,
  atBytes: number,
  ms: number,
): AsyncGenerator<Buffer> {
  let before = atBytes
  for await (const chunk of body) {
    if (before >= 0 && before < chunk.length) {
      yield chunk.subarray(0, before)
      await sleep(ms, undefined, { ref: false })
      yield chunk.subarray(before)
    } else yield chunk
    before -= chunk.length
  }
}
