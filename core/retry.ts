/** How long to go on with a call that fails for a passing reason. All in milliseconds. */
export interface RetryPolicy {
  /** The longest pause before the second try; it doubles with every further one. */
  readonly baseMs: number
  /** No pause is longer. */
  readonly capMs: number
  /** No try begins later than this after the first. */
  readonly budgetMs: number
}

/** 0.5 → 30 s for five minutes: Google's per-minute rate limits refill several times within it. */
export const defaultRetry: RetryPolicy = { baseMs: 500, capMs: 30_000, budgetMs: 300_000 }

/** Where a call stands after its last try. */
export interface Progress {
  /** Tries made, from 1. */
  readonly tries: number
  readonly elapsedMs: number
}

/**
 * The pause before the next try in milliseconds, or undefined when the budget is used up. Full jitter: callers that
 * failed together do not come back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter).
 */
export function planPause(
  policy: RetryPolicy,
  { tries, elapsedMs }: Progress,
  random: () => number,
): number | undefined {
  const longest = Math.min(policy.capMs, policy.baseMs * 2 ** (tries - 1))
  const pause = random() * longest
  return elapsedMs + pause <= policy.budgetMs ? pause : undefined
}
