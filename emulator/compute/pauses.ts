import type { Clock } from './clock.ts'

/** Thrown by a pause that the end of the emulator cuts short: what waited stays undone, for the next one. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** The time that things take. */
export interface Pauses {
  /** Resolves after `ms`; rejects with Interrupted when the emulator ends. */
  pause(ms: number): Promise<void>
  /** Ends all pauses, and those that come. */
  end(): void
  ended(): boolean
}

export function openPauses(clock: Clock): Pauses {
  const waiting = new Set<() => void>()
  let ended = false
  return {
    pause(ms) {
      if (ended) return Promise.reject(new Interrupted())
      return new Promise((resolve, reject) => {
        const interrupt = () => {
          cancel()
          reject(new Interrupted())
        }
        const cancel = clock.setTimer(ms, () => {
          waiting.delete(interrupt)
          resolve()
        })
        waiting.add(interrupt)
      })
    },
    end() {
      ended = true
      for (const interrupt of waiting) interrupt()
      waiting.clear()
    },
    ended: () => ended,
  }
}
