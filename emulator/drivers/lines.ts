import type { Readable } from 'node:stream'

/**
 * Calls `onLine` for each line of a stream, without its line end. A line longer than `limit` bytes ends the reading:
 * the stream is destroyed, so that who writes on gets SIGPIPE.
 */
export async function readLines(
  stream: Readable,
  limit: number,
  onLine: (line: string) => void,
): Promise<'end' | 'too long'> {
  let pending = Buffer.alloc(0)
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let rest = Buffer.concat([pending, chunk])
    for (let end = rest.indexOf('\n'); end >= 0 && end < limit; end = rest.indexOf('\n')) {
      onLine(print(rest.subarray(0, end)))
      rest = rest.subarray(end + 1)
    }
    // Leaving the loop destroys the stream.
    if (rest.length >= limit) return 'too long'
    pending = rest
  }
  if (pending.length > 0) onLine(print(pending))
  return 'end'
}

function print(line: Buffer): string {
  return line.toString().replace(/\r$/, '')
}
