import type { Clock } from '../core/world.ts'
import type { Event, Timeline } from './timeline.ts'

/**
 * A program that may die between any two things that it does: whatever it waits for then never comes, which is all that
 * the rest of the world can see of a death.
 */
export class Actor {
  readonly name: string
  readonly clock: Clock
  alive = true
  /** It has died at a boundary. */
  crashed = false
  /** How many boundaries it has passed: before a request is sent, after its effect, after its answer. */
  passed = 0
  /** The boundary at which it dies. */
  readonly #crashAt: number | undefined
  readonly #timeline: Timeline

  /** `skewMs`: how far its clock is ahead of Google's. */
  constructor(
    timeline: Timeline,
    name: string,
    options: { readonly crashAt?: number | undefined; readonly skewMs?: number } = {},
  ) {
    const { crashAt, skewMs = 0 } = options
    this.name = name
    this.#timeline = timeline
    this.#crashAt = crashAt
    this.clock = {
      now: () => timeline.now + skewMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    }
  }

  /** Google's time, whatever its own clock says. */
  get now(): number {
    return this.#timeline.now
  }

  /** Passes a boundary; false when the actor is dead from there on. */
  pass(): boolean {
    if (!this.alive) return false
    if (this.passed === this.#crashAt) {
      this.crashed = true
      this.die()
    } else this.passed++
    return this.alive
  }

  die(): void {
    this.alive = false
  }

  /** Lets something happen to the actor after `ms`, if it lives. */
  after(ms: number, act: () => void): Event {
    return this.#timeline.after(ms, () => this.hear(act))
  }

  /** Resolves what the actor waits for, if it lives. */
  hear(resolve: () => void): void {
    if (!this.alive) return
    this.#timeline.stir()
    resolve()
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        event.act = undefined
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const event = this.after(ms, wake)
      signal?.addEventListener('abort', wake)
    })
  }
}
