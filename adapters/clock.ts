import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../core/world.ts'

/** A clock that can be put right. */
export interface CloudClock extends Clock {
  /** Takes the `Date` of an answer of Google's. */
  learn(date: string | null): void
}

// A Date has whole seconds, and was written before the answer came here.
const toleranceMs = 2000

/**
 * The time of this computer, put right by Google's: the age of a run is the difference to times of Google's, and a clock
 * that is an hour ahead would take a run of minutes for one past its deadline.
 */
export function openCloudClock(): CloudClock {
  let offsetMs = 0
  return {
    now: () => Date.now() + offsetMs,
    sleep: (ms, signal) => pause(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
    learn(date) {
      const skewMs = Date.parse(date ?? '') - Date.now()
      if (Math.abs(skewMs - offsetMs) > toleranceMs) offsetMs = Math.abs(skewMs) > toleranceMs ? skewMs : 0
    },
  }
}
