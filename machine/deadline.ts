import { setMaxListeners } from 'node:events'

/** Why work that has not ended by itself is stopped. */
export type StopReason = 'deadline' | AbandonReason

/** The machine is taken away; someone else has written the result; the agent itself has failed. */
export type AbandonReason = 'preempted' | 'sealed' | 'crashed'

/** When what has to be over, in milliseconds from the entry of the fence. */
export interface Plan {
  /** Steps are stopped, so that there is time to store what they made. */
  readonly stopMs: number
  /** Nothing is tried again: a last word is said before the machine goes. */
  readonly endMs: number
}

/**
 * Divides what is left of a machine's time. Both times are of Google's clock; how fast or wrong the machine's own one
 * is does not matter.
 */
export function planDeadline(timeoutSeconds: number, deadlineSeconds: number, enteredMs: number): Plan {
  const timeoutMs = timeoutSeconds * 1000
  const leftMs = Math.max(0, Math.min(timeoutMs, deadlineSeconds * 1000 - enteredMs))
  const graceMs = Math.min(120_000, timeoutMs / 4)
  return {
    stopMs: Math.max(0, leftMs - graceMs),
    endMs: Math.max(0, leftMs - Math.min(10_000, graceMs / 4)),
  }
}

/** Spot machines have 30 s from the notice on; the rest is for the result's own way. */
const lastWordMs = 20_000

/** The ends of an attempt, as signals. */
export class Deadline {
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #timers: Disposable[] = []
  #abandoned: AbandonReason | undefined

  constructor() {
    // Eight uploads at a time and their pauses all listen.
    setMaxListeners(0, this.#stop.signal, this.#end.signal)
  }

  /** Aborts when work has to stop; the reason is a StopReason. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborts when nothing can be stored any more. */
  get end(): AbortSignal {
    return this.#end.signal
  }

  get reason(): StopReason | undefined {
    return this.#stop.signal.reason
  }

  /** Nothing but a last word is of use any more. */
  get abandoned(): AbandonReason | undefined {
    return this.#abandoned
  }

  start({ stopMs, endMs }: Plan): void {
    this.#after(stopMs, () => this.#stop.abort('deadline' satisfies StopReason))
    this.#after(endMs, () => this.#end.abort())
  }

  abandon(reason: AbandonReason): void {
    this.#abandoned ??= reason
    this.#stop.abort(reason)
    this.#after(lastWordMs, () => this.#end.abort())
  }

  clear(): void {
    for (const timer of this.#timers) timer[Symbol.dispose]()
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(startTimer(ms, act))
  }
}

// 24 days; Compute Engine's own limit is 120.
const longestTimer = 2 ** 31 - 1

/** A timer of any length: setTimeout turns what is too long for it into one millisecond. */
export function startTimer(ms: number, act: () => void): Disposable {
  const begin = (left: number): NodeJS.Timeout =>
    left <= longestTimer
      ? setTimeout(act, left)
      : setTimeout(() => {
          timer = begin(left - longestTimer)
        }, longestTimer)
  let timer = begin(ms)
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
