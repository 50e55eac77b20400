import type { Objects } from '../world.ts'
import { type End, readEnds } from './ends.ts'

/** What one list call gives. */
const pageSize = 1000

const times = {
  /** Ends are listed a moment after the time in their names. */
  overlap: 5000,
  /** And some of them later: so far back is looked every so often. */
  late: 120_000,
  everyLate: 60_000,
}

/**
 * Reads the ends of an attempt as they are listed: a page at a time, from where the last one stopped, so that a call costs
 * the same whatever has ended before. Some ends come more than once, and one that is listed very late not at all.
 */
export class EndReader {
  readonly #objects: Objects
  readonly #run: string
  readonly #attempt: number
  #newest = 0
  #from = 0
  #lateLook = Number.NEGATIVE_INFINITY

  constructor(objects: Objects, run: string, attempt: number) {
    this.#objects = objects
    this.#run = run
    this.#attempt = attempt
  }

  /** Passes on at most a page; true when there may be more by now. */
  async read(now: number, note: (end: End) => void): Promise<boolean> {
    let read = 0
    for await (const end of readEnds(this.#objects, this.#run, this.#attempt, this.#from)) {
      // A machine whose clock is ahead must not hide the ends of others.
      this.#newest = Math.max(this.#newest, Math.min(end.endedMs, now))
      note(end)
      if (++read === pageSize) {
        // More than a page within one millisecond would stand still here.
        this.#from = Math.max(this.#from + 1, end.endedMs)
        return true
      }
    }
    const isLate = now - this.#lateLook >= times.everyLate
    if (isLate) this.#lateLook = now
    this.#from = this.#newest - (isLate ? times.late : times.overlap)
    return false
  }
}
