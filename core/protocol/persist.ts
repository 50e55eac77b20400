import { CloudError } from '../errors.ts'
import { planPause } from '../retry.ts'
import type { Clock } from '../world.ts'

const policy = { baseMs: 500, capMs: 30_000, budgetMs: Number.POSITIVE_INFINITY }

/**
 * Does something until Google gives a clear answer or the signal aborts: a machine whose network is cut goes on until
 * its deadline. The act has to be one that may be done twice. Throws the last failure.
 */
export async function persist<T>(
  act: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (signal.aborted || !isUnclear(error)) throw error
      await clock.sleep(planPause(policy, { tries, elapsedMs: 0 }, Math.random) ?? policy.capMs, signal)
      if (signal.aborted) throw error
    }
  }
}

function isUnclear(error: unknown): boolean {
  return error instanceof CloudError && (error.failure === 'unknown' || error.failure === 'busy')
}
