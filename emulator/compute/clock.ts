/** Time as the local cloud sees it; a test may give one that it moves by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `fn` once, `ms` from now; the function it returns takes that back. */
  setTimer(ms: number, fn: () => void): () => void
}

/** The longest delay that setTimeout takes, 24.8 days; above it, it fires at once. A machine may live for 120 days. */
const longest = 2 ** 31 - 1

/** The clock on the wall. Its timers do not keep a process alive. */
export const realClock: Clock = {
  now: Date.now,
  setTimer(ms, fn) {
    let timer: NodeJS.Timeout
    const wait = (left: number) => {
      const next = () => (left > longest ? wait(left - longest) : fn())
      timer = setTimeout(next, Math.min(left, longest)).unref()
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}
