import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { GoogleError, replyTo, usualReason } from './errors.ts'
import { type Call, type Reply, recordCall } from './http.ts'

/** What goes wrong. "Effect" is all that the route's handler does; `ms` are milliseconds. */
export type FaultKind =
  /** An error status; without the effect, or after it. `reason` and `message` default to Google's usual ones. */
  | {
      readonly kind: 'status' | 'status-after'
      readonly status: number
      readonly reason?: string
      readonly message?: string
    }
  /** The connection is reset; without the effect, or after it. */
  | { readonly kind: 'reset-before' | 'reset-after' }
  /** No answer ever comes; without the effect, or after it. */
  | { readonly kind: 'hang' | 'hang-after' }
  /** The reply has its full Content-Length and half of its body. */
  | { readonly kind: 'truncate' }
  /** Everything is as usual, but later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is reset at once, and the effect comes later all the same. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The reply is the usual one; the same request then has its effect a second time, later. */
  | { readonly kind: 'duplicate'; readonly ms: number }

/**
 * One fault to give: to requests of `route` (Google's method name, or `*`) whose path and query, percent-decoded, match
 * `match` (a regular expression), not to the first `after` of them (default 0), then to `times` of them (default 1).
 */
export type Fault = FaultKind & {
  readonly route: string
  readonly match?: string
  readonly after?: number
  readonly times?: number
}

/** The faults still to give. */
export interface Faults {
  inject(fault: Fault): void
  /** The fault for this request, if one is due; it is then used up once. `target` is the path with its query. */
  take(route: string, target: string): Fault | undefined
}

export function openFaults(): Faults {
  const waiting: { readonly fault: Fault; readonly match: RegExp; after: number; times: number }[] = []
  return {
    inject(fault) {
      const match = new RegExp(fault.match ?? '')
      waiting.push({ fault, match, after: fault.after ?? 0, times: fault.times ?? 1 })
    },
    take(route, target) {
      const decoded = decode(target)
      for (const [index, due] of waiting.entries()) {
        if (due.fault.route !== route && due.fault.route !== '*') continue
        if (!due.match.test(decoded)) continue
        if (due.after-- > 0) continue
        if (--due.times <= 0) waiting.splice(index, 1)
        return due.fault
      }
      return undefined
    },
  }
}

function decode(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}

/** How a request ends on the wire. */
export type Ending =
  | { readonly kind: 'reply' | 'truncated'; readonly reply: Reply }
  | { readonly kind: 'reset' | 'hang' }

/** Gives a call its effect and its fault. `act` is the effect; its errors are replies already. */
export async function endCall(
  call: Call,
  fault: Fault | undefined,
  act: (call: Call) => Promise<Reply>,
): Promise<Ending> {
  if (fault?.kind === 'late' || fault?.kind === 'duplicate') return endLater(call, fault, act)
  if (fault?.kind === 'delay') await sleep(fault.ms)
  if (fault?.kind === 'status') return { kind: 'reply', reply: refuse(fault) }
  if (fault?.kind === 'reset-before') return { kind: 'reset' }
  if (fault?.kind === 'hang') return { kind: 'hang' }

  const reply = await act(call)
  if (fault?.kind === 'truncate') return { kind: 'truncated', reply }
  if (!fault || fault.kind === 'delay') return { kind: 'reply', reply }

  discard(reply)
  if (fault.kind === 'status-after') return { kind: 'reply', reply: refuse(fault) }
  return { kind: fault.kind === 'reset-after' ? 'reset' : 'hang' }
}

async function endLater(
  call: Call,
  { kind, ms }: { readonly kind: 'late' | 'duplicate'; readonly ms: number },
  act: (call: Call) => Promise<Reply>,
): Promise<Ending> {
  const repeat = await recordCall(call)
  const ending: Ending = kind === 'late' ? { kind: 'reset' } : { kind: 'reply', reply: await act(repeat()) }
  void sleep(ms, undefined, { ref: false }).then(async () => discard(await act(repeat())))
  return ending
}

function discard({ body }: Reply): void {
  if (body instanceof Readable) body.destroy()
}

function refuse({ status, ...fault }: { status: number; reason?: string; message?: string }): Reply {
  const reason = fault.reason ?? usualReason(status)
  return replyTo(new GoogleError(status, reason, fault.message ?? `Injected fault: ${reason}`))
}
