import type { ResultRecord, Tally } from '../protocol/records.ts'
import type { Verdict } from '../protocol/seal.ts'
import type { End } from './ends.ts'
import { readRanges, writeRanges } from './ranges.ts'
import { mayRunAgain } from './tries.ts'

const codes = { open: 0, succeeded: 1, failed: 2, unsettled: 3 } as const

/** So many failures are told with what they said. */
const mostMessages = 50

/** How a task that did not succeed ended. */
type Failure = Pick<End, 'state' | 'reason' | 'exitCode'> & { readonly message?: string }

/**
 * How the tasks of an attempt stand. A byte or two for each, and a few words for those that did not succeed: it does not
 * grow while a run lasts.
 */
export class Board {
  readonly count: number
  readonly #codes: Uint8Array
  readonly #numbers: Uint16Array
  readonly #failures = new Map<number, Failure>()
  #succeeded = 0
  #failed = 0
  #messages = 0
  #seconds = 0

  /** `only`: the tasks that the attempt is for; the others have succeeded before. */
  constructor(count: number, only?: string) {
    this.count = count
    this.#codes = new Uint8Array(count)
    this.#numbers = new Uint16Array(count)
    if (only === undefined) return
    this.#codes.fill(codes.succeeded)
    for (const index of readRanges(only)) this.#codes[index] = codes.open
    this.#succeeded = this.#codes.reduce((sum, code) => sum + (code === codes.succeeded ? 1 : 0), 0)
  }

  get succeeded(): number {
    return this.#succeeded
  }

  /** With a result that stays. */
  get failed(): number {
    return this.#failed
  }

  /** Tasks that have no result that stays. */
  get open(): number {
    return this.count - this.#succeeded - this.#failed
  }

  /** Takes an end in; true when it is news, and a failure that stays. The last try of a task counts. */
  note(end: End): boolean {
    const { index, number, state, seconds } = end
    const code = this.#codes[index]
    if (code === undefined || code === codes.succeeded || code === codes.failed) return false
    if (code === codes.unsettled && number <= (this.#numbers[index] ?? 0)) return false
    this.#numbers[index] = number
    this.#seconds += seconds
    this.#failures.delete(index)
    if (state === 'succeeded') {
      this.#codes[index] = codes.succeeded
      this.#succeeded++
      return false
    }
    const stays = !mayRunAgain(state)
    this.#codes[index] = stays ? codes.failed : codes.unsettled
    if (stays) this.#failed++
    this.#keep(index, end)
    return stays
  }

  /** The tasks without a result that stays, in order. */
  *listOpen(): Iterable<number> {
    for (const [index, code] of this.#codes.entries())
      if (code === codes.open || code === codes.unsettled) yield index
  }

  /** The tasks whose failure stays, in no order. */
  *listFailed(): Iterable<number> {
    for (const [index, code] of this.#codes.entries()) if (code === codes.failed) yield index
  }

  /** Closes the board: a task without a result that stays has the one it had last, or the verdict. */
  tally({ state, reason, exitCode, message }: Verdict): Tally {
    for (const index of this.listOpen())
      if (!this.#failures.has(index))
        this.#keep(index, { state, exitCode, message, ...(reason && { reason }) })
    const failures = [...this.#failures].sort(([a], [b]) => a - b)
    const classes: Record<string, number> = {}
    for (const [, failure] of failures) {
      const name = nameClass(failure)
      classes[name] = (classes[name] ?? 0) + 1
    }
    return {
      count: this.count,
      seconds: Math.round(this.#seconds),
      classes: { ...(this.#succeeded > 0 && { succeeded: this.#succeeded }), ...classes },
      unfinished: writeRanges(failures.map(([index]) => index)),
      failures: failures.slice(0, mostMessages).map(([task, { state, exitCode, message = '' }]) => ({
        task,
        state,
        exitCode,
        message,
      })),
    }
  }

  /** The failure that the run's own result is; undefined when all succeeded. */
  findWorst(): { readonly index: number; readonly failure: Failure } | undefined {
    let worst: { index: number; failure: Failure } | undefined
    for (const [index, failure] of [...this.#failures].sort(([a], [b]) => a - b))
      if (worst === undefined || rank(failure) < rank(worst.failure)) worst = { index, failure }
    return worst
  }

  #keep(index: number, { state, reason, exitCode, message = '' }: Failure): void {
    const told = this.#messages++ < mostMessages
    this.#failures.set(index, {
      state,
      exitCode,
      ...(reason !== undefined && { reason }),
      ...(told && { message }),
    })
  }
}

function nameClass({ state, reason }: Failure): string {
  return state === 'failed' ? (reason ?? 'unknown') : state
}

const order: readonly ResultRecord['state'][] = ['failed', 'timed-out', 'lost', 'preempted', 'cancelled']

/** A task's own failure says more of a run than one that lost its machine. */
function rank({ state, reason }: Failure): number {
  return order.indexOf(state) * 2 + (state === 'failed' && reason !== 'user' ? 1 : 0)
}
