import { setTimeout as sleep } from 'node:timers/promises'
import { defaultRetry, type Progress, planPause, type RetryPolicy } from '../../core/retry.ts'
import { watchDownload, watchUpload } from './bodies.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { isPassing, isThrottled } from './failure-classes.ts'
import { CallFailure, describeFault, describeRefusal, readRefusal } from './failures.ts'
import type { Tokens } from './tokens.ts'

/** One request to Google, before any try of it. */
interface Call {
  readonly http: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes in memory, or a function that begins the body afresh for every try; it cannot be answered with a 3xx. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>)
  /**
   * Whether the call may be sent again although nobody knows if it had its effect. Default: GET, DELETE and whatever
   * carries ifGenerationMatch or requestId (https://cloud.google.com/storage/docs/retry-strategy#idempotency).
   */
  readonly repeatable?: boolean
  /** Which statuses are answers to the caller. Default: 2xx. */
  readonly accepts?: (status: number) => boolean
  readonly signal?: AbortSignal
}

interface Head {
  readonly status: number
  readonly headers: Headers
}

export interface Answer extends Head {
  readonly body: Uint8Array
}

/** What an answer says in JSON. Throws a SyntaxError for one that breaks off, or is none. */
export function readJson<Value>({ body }: Pick<Answer, 'body'>): Value {
  return JSON.parse(new TextDecoder().decode(body)) as Value
}

/** An answer whose body is on its way. It has to be read, or its iterator ended: otherwise the connection stays. */
export interface OpenAnswer extends Head {
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * The one way to Google. Every failure is a CallFailure, save for an abort of the caller's, which keeps its reason, and
 * for missing credentials.
 */
export interface Transport {
  /** For those who repeat more than one call. */
  readonly retry: RetryPolicy
  /** Tries until there is a whole answer, within the retry budget. */
  send(call: Call): Promise<Answer>
  /** Tries until an answer begins, within the retry budget. Its body then fails by itself when it stalls or breaks. */
  open(call: Call): Promise<OpenAnswer>
}

export interface TransportOptions {
  readonly tokens: Tokens
  /** `mayfly/1.2.3` */
  readonly userAgent: string
  readonly retry?: RetryPolicy
  /** For one try, body included. Default 30 s, and more for a large body in memory. */
  readonly deadlineMs?: number
  /** The longest silence in a body that streams in either direction. Default 60 s. */
  readonly stallMs?: number
  /** Told of every try. */
  readonly onRequest?: (call: Call) => void
  /** Told the `Date` of every answer. */
  readonly onDate?: (date: string | null) => void
}

// A body in memory goes slower than this only over a line on which nothing works: 64 kB/s.
const slowestBytesPerMs = 64

// Node's fetch keeps a copy of a streamed body, gigabytes of it, in case it has to send it again to another address. With
// the last two settings there is no such case (https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch).
const streaming = { duplex: 'half', redirect: 'error', window: null } as const

export function openTransport(options: TransportOptions): Transport {
  const {
    tokens,
    userAgent,
    retry = defaultRetry,
    deadlineMs = 30_000,
    stallMs = 60_000,
    onRequest,
    onDate,
  } = options

  async function begin(call: Call, token: string | undefined, deadline: Deadline): Promise<Response> {
    onRequest?.(call)
    const signal = call.signal ? AbortSignal.any([call.signal, deadline.signal]) : deadline.signal
    const response = await fetch(call.url, {
      method: call.http,
      headers: {
        ...call.headers,
        'user-agent': userAgent,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      signal,
      // A redirect would take the token along; and 308 is how an upload says "go on".
      redirect: 'manual',
      ...(typeof call.body === 'function'
        ? { body: watchUpload(call.body(), deadline, signal), ...streaming }
        : call.body !== undefined && { body: call.body }),
    })
    onDate?.(response.headers.get('date'))
    const accepts = call.accepts ?? isSuccess
    if (accepts(response.status)) return response
    throw describeRefusal(readRefusal(response.status, await response.text()))
  }

  async function repeat<T>(call: Call, attempt: (token: string | undefined) => Promise<T>): Promise<T> {
    const start = performance.now()
    let refreshed = false
    for (let tries = 1; ; tries++) {
      call.signal?.throwIfAborted()
      const token = await tokens.get()
      try {
        return await attempt(token)
      } catch (error) {
        call.signal?.throwIfAborted()
        const failure = error instanceof CallFailure ? error : describeFault(error)
        // A token may end before its time: one more chance with a new one, whatever the call, since it had no effect.
        if (failure.refusal?.status === 401 && token !== undefined && !refreshed) {
          tokens.drop(token)
          refreshed = true
          continue
        }
        if (!isRepeatable(call, failure) || !isPassing(failure, tries)) throw failure
        const progress = { tries, elapsedMs: performance.now() - start }
        const pause = planPause(retry, progress, Math.random)
        if (pause === undefined) throw giveUp(failure, progress)
        // Its rejection says only that the signal aborted, which the next turn says better.
        await sleep(pause, undefined, { signal: call.signal }).catch(() => undefined)
      }
    }
  }

  return {
    retry,
    send: (call) =>
      repeat(call, async (token) => {
        using deadline = startDeadline(limitOf(call))
        const response = await begin(call, token, deadline)
        const body = new Uint8Array(await response.arrayBuffer())
        return { status: response.status, headers: response.headers, body }
      }),
    open: (call) =>
      repeat(call, async (token) => {
        const deadline = startDeadline(stallMs)
        try {
          const response = await begin(call, token, deadline)
          const { status, headers } = response
          return { status, headers, body: watchDownload(response, deadline, call.signal) }
        } catch (error) {
          deadline.pause()
          throw error
        }
      }),
  }

  function limitOf({ body }: Call): number {
    if (typeof body === 'function') return stallMs
    return deadlineMs + (body?.length ?? 0) / slowestBytesPerMs
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function isRepeatable({ http, url, repeatable }: Call, { refusal }: CallFailure): boolean {
  const isIdempotent = http === 'GET' || http === 'DELETE' || /[?&](ifGenerationMatch|requestId)=/.test(url)
  return repeatable ?? (isIdempotent || (refusal !== undefined && isThrottled(refusal)))
}

/** How a call ends whose budget is used up. */
function giveUp(last: CallFailure, { tries, elapsedMs }: Progress): CallFailure {
  const message = `no usable answer in ${tries} tries over ${(elapsedMs / 1000).toFixed(1)} s; the last: ${last.message}`
  return new CallFailure(message, { refusal: last.refusal, code: last.code, cause: last })
}
