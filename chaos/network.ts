import { CloudError } from '../core/errors.ts'
import { defaultRetry, planPause } from '../core/retry.ts'
import type { Actor } from './actor.ts'
import type { FaultPlan, Service } from './faults.ts'
import type { History } from './history.ts'
import { between, type Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** One request to the cloud, before any try of it. */
export interface Request<T> {
  readonly service: Service
  readonly method: string
  readonly about: string
  /** The effect in the cloud, and its answer; throws a CloudError for a refusal. */
  readonly act: () => T
  /** How long the cloud keeps the request waiting before its effect. */
  readonly hold?: () => number
  readonly signal?: AbortSignal | undefined
  /** Not repeatable: without an answer there is none, but a refusal for the rate has had no effect. */
  readonly once?: boolean
}

type Ending<T> =
  | { readonly answer: T }
  | { readonly refusal: CloudError }
  | { readonly failure: 'unknown' | 'busy' }

/** A try's deadline in adapters/google/transport.ts. */
const deadlineMs = 30_000

/**
 * The way from an actor to the cloud and back. What is tried again and how it ends is what adapters/google makes of it:
 * every request here is one that it may repeat, a fault is tried again within its retry budget, a refusal is final.
 */
export class Network {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #plan: FaultPlan
  readonly #history: History
  readonly #sent = new Map<string, number>()
  requests = 0
  injected = 0

  constructor(timeline: Timeline, random: Random, plan: FaultPlan, history: History) {
    this.#timeline = timeline
    this.#random = random
    this.#plan = plan
    this.#history = history
  }

  async send<T>(actor: Actor, request: Request<T>): Promise<T> {
    const start = this.#timeline.now
    for (let tries = 1; ; tries++) {
      request.signal?.throwIfAborted()
      const ending = await this.#try(actor, request)
      if ('answer' in ending) return ending.answer
      if ('refusal' in ending) throw ending.refusal
      request.signal?.throwIfAborted()
      const progress = { tries, elapsedMs: this.#timeline.now - start }
      const isFinal = request.once && ending.failure !== 'busy'
      const pause = isFinal ? undefined : planPause(defaultRetry, progress, this.#random)
      if (pause === undefined)
        throw new CloudError(ending.failure, request.method, `${request.about}: no usable answer.`)
      await actor.clock.sleep(pause, request.signal)
    }
  }

  #try<T>(actor: Actor, { service, method, about, act, hold, signal }: Request<T>): Promise<Ending<T>> {
    return new Promise((resolve) => {
      const index = this.#sent.get(actor.name) ?? 0
      this.#sent.set(actor.name, index + 1)
      if (!actor.pass()) return this.#note(`${actor.name} dies before ${method} ${about}`)
      const fault = this.#plan(actor.name, index, this.#timeline.now, service)
      this.requests++
      if (fault !== undefined) this.injected++

      let over = false
      const end = (ending: Ending<T>) => {
        if (over) return
        over = true
        signal?.removeEventListener('abort', abort)
        resolve(ending)
      }
      // Nobody hears the answer any more; the request is on its way all the same.
      const abort = () => end({ failure: 'unknown' })
      signal?.addEventListener('abort', abort)
      const answer = (ms: number, ending: Ending<T>) =>
        this.#timeline.after(ms, () => {
          if (over) return
          if (!actor.pass()) return this.#note(`${actor.name} dies after the answer to ${method} ${about}`)
          actor.hear(() => end(ending))
        })
      const perform = (note: string): Ending<T> => {
        try {
          const result = { answer: act() }
          this.#note(`${actor.name} ${method} ${about}${note}`)
          return result
        } catch (error) {
          if (!(error instanceof CloudError)) throw error
          this.#note(`${actor.name} ${method} ${about}${note}: ${error.failure}`)
          return { refusal: error }
        }
      }

      const there = between(this.#random, 5, 60)
      const back = between(this.#random, 5, 60)
      if (fault === 'lost' || fault === 'throttled' || fault === 'hung') {
        this.#note(`${actor.name} ${method} ${about} (${fault})`)
        return void answer(fault === 'hung' ? deadlineMs : there + back, {
          failure: fault === 'throttled' ? 'busy' : 'unknown',
        })
      }
      if (fault === 'late') {
        answer(deadlineMs, { failure: 'unknown' })
        this.#timeline.after(deadlineMs + between(this.#random, 0, 600_000), () => perform(' (late)'))
        return
      }
      const arrive = () => {
        const ending = perform(fault === undefined ? '' : ` (${fault})`)
        if (fault === 'doubled')
          this.#timeline.after(between(this.#random, 100, 1_800_000), () => perform(' (again)'))
        if (!actor.pass()) return this.#note(`${actor.name} dies after the effect of ${method} ${about}`)
        answer(back, fault === 'answer-lost' ? { failure: 'unknown' } : ending)
      }
      this.#timeline.after(there, () => {
        if (hold === undefined) arrive()
        else this.#timeline.after(hold(), arrive)
      })
    })
  }

  #note(line: string): void {
    this.#history.trace?.push(`${new Date(this.#timeline.now).toISOString().slice(8, 23)} ${line}`)
  }
}

/** What is gone needs no removal. */
export function ignoreAbsence(error: unknown): undefined {
  if (error instanceof CloudError && error.failure === 'not-found') return undefined
  throw error
}
