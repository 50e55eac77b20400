import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../core/world.ts'

/** Never jumps: a machine's wall clock is set right by the time service while the agent already runs. */
export const monotonicClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined),
}

/** Starts a stopwatch; the function it returns gives the seconds since, to the millisecond. */
export function startWatch(): () => number {
  const start = performance.now()
  return () => Math.round(performance.now() - start) / 1000
}
