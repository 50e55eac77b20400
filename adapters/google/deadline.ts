/** A time limit that aborts its signal. Disposing ends it. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Begins the time anew: the limit is then on a silence, not on a whole. */
  restart(): void
  /** Stops the time until the next `restart`. */
  pause(): void
}

/** A limit of `ms` milliseconds, running from now. */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController()
  const expire = () =>
    controller.abort(new DeadlineError(`no complete answer within ${Math.round(ms) / 1000} s`))
  let timer = setTimeout(expire, ms)
  const pause = () => clearTimeout(timer)
  return {
    signal: controller.signal,
    restart() {
      pause()
      timer = setTimeout(expire, ms)
    },
    pause,
    [Symbol.dispose]: pause,
  }
}

/** Looks like a fault of the network, with a code of its own. */
class DeadlineError extends Error {
  readonly code = 'timeout'
}
