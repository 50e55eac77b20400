import type { Clock } from '../../emulator/compute/clock.ts'

/** A clock that goes with the one on the wall, and can be pushed ahead. */
export interface PushedClock extends Clock {
  /** Moves time on by `ms`; what is due by then happens at once. */
  push(ms: number): void
}

export function openPushedClock(): PushedClock {
  let ahead = 0
  const timers = new Set<{ readonly due: number; readonly ring: () => void }>()
  const now = () => Date.now() + ahead
  return {
    now,
    setTimer(ms, fn) {
      const cancel = () => {
        clearTimeout(timeout)
        timers.delete(timer)
      }
      const ring = () => {
        cancel()
        fn()
      }
      const timer = { due: now() + ms, ring }
      timers.add(timer)
      const timeout = setTimeout(ring, Math.min(ms, 2 ** 31 - 1))
      return cancel
    },
    push(ms) {
      ahead += ms
      for (const { due, ring } of timers) if (due <= now()) ring()
    },
  }
}
