import type { Clock } from '../core/world.ts'
import { getMetadata } from './metadata.ts'

/**
 * Resolves to true when Google says that it takes a Spot machine back, 30 seconds ahead
 * (https://cloud.google.com/compute/docs/instances/preemptible#preemption-process); to false when the signal aborts.
 * A metadata server that does not answer is asked again, quietly.
 */
export async function watchPreemption(clock: Clock, signal: AbortSignal): Promise<boolean> {
  // No etag is "0", so that the first answer comes at once.
  let etag = '0'
  while (!signal.aborted) {
    try {
      const path = `instance/preempted?wait_for_change=true&timeout_sec=120&last_etag=${etag}`
      const answer = await getMetadata(path, AbortSignal.any([signal, AbortSignal.timeout(150_000)]))
      if (answer.text.trim() === 'TRUE') return true
      etag = answer.etag
      // For a server that does not wait.
      await clock.sleep(1000, signal)
    } catch {
      await clock.sleep(5000, signal)
    }
  }
  return false
}
