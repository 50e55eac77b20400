import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../core/world.ts'

/** The time of this computer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => pause(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
}
