import { formatDuration } from '../units.ts'
import type { Board } from './board.ts'

/** One line that says how a job stands, and when it will be done if it goes on like this. */
export class Progress {
  readonly #board: Board
  readonly #begunMs: number
  readonly #doneBefore: number

  constructor(board: Board, nowMs: number) {
    this.#board = board
    this.#begunMs = nowMs
    this.#doneBefore = board.succeeded + board.failed
  }

  /** `running` is Batch's own word, and a moment old. */
  describe(running: number, nowMs: number): string {
    const { count, succeeded, failed, open } = this.#board
    const atWork = Math.min(running, open)
    const parts = [
      `${succeeded + failed} of ${count} tasks done`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      `${atWork} running`,
      `${open - atWork} queued`,
    ]
    const done = succeeded + failed - this.#doneBefore
    const passedMs = nowMs - this.#begunMs
    // Too few tell nothing of the rest.
    if (done < 3 || open === 0) return parts.join(', ')
    return `${parts.join(', ')}; about ${formatDuration(Math.ceil(((passedMs / done) * open) / 1000))} to go`
  }
}
