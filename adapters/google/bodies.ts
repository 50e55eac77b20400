import type { Deadline } from './deadline.ts'
import { describeFault } from './failures.ts'

/** A body on its way out. It may take any time as a whole, as long as the network goes on asking for more. */
export async function* watchUpload(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    // Node's fetch reads a body to its end even after it was aborted.
    signal.throwIfAborted()
    deadline.restart()
    yield chunk
  }
  deadline.restart()
}

/** A body on its way in. Only the time spent waiting for the network counts, not that of whoever reads it. */
export async function* watchDownload(
  response: Response,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  try {
    deadline.restart()
    for await (const chunk of response.body ?? []) {
      deadline.pause()
      yield chunk
      deadline.restart()
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw describeFault(error)
  } finally {
    deadline.pause()
  }
}
