import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { breakAfter, flipBit, stallAt } from './bodies.ts'
import { GoogleError, replyTo, usualReason } from './errors.ts'
import type { FaultKind } from './faults.ts'
import { type Call, makeCall, type Reply, recordCall } from './http.ts'

/** How a request ends on the wire. */
export type Ending =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly cut?: Cut }
  | { readonly kind: 'reset' | 'hang' }

/** Where the body of a reply, whose Content-Length is that of all of it, stops. */
export interface Cut {
  /** Default: half of it. */
  readonly atBytes?: number | undefined
  /** The rest comes after so many milliseconds, or never. Default: the connection is closed. */
  readonly pauseMs?: number
}

type Act = (call: Call) => Promise<Reply>

/** Gives a call its effect and its fault. `act` is the effect; its errors are replies already. */
export async function endCall(call: Call, fault: FaultKind | undefined, act: Act): Promise<Ending> {
  if (!fault) return { kind: 'reply', reply: await act(call) }
  switch (fault.kind) {
    case 'late':
    case 'duplicate':
      return endLater(call, fault, act)
    case 'delay':
      await sleep(fault.ms)
      return { kind: 'reply', reply: await act(call) }
    case 'status':
      return { kind: 'reply', reply: refuse(fault) }
    case 'reset-before':
      return { kind: 'reset' }
    case 'hang':
      return { kind: 'hang' }
    case 'short-page':
      return { kind: 'reply', reply: await act(withShortPage(call)) }
    case 'corrupt-request':
      return { kind: 'reply', reply: await act(withBody(call, flipBit(call.body))) }
    case 'stall-request':
      return {
        kind: 'reply',
        reply: await act(withBody(call, stallAt(call.body, fault.atBytes, fault.ms))),
      }
    case 'status-at':
      // What the effect says of a body that breaks off is nobody's business.
      await act(withBody(call, breakAfter(readOn(call.body), fault.atBytes))).then(discard, () => {})
      return { kind: 'reply', reply: refuse(fault) }
  }
  const reply = await act(call)
  switch (fault.kind) {
    case 'truncate':
      return { kind: 'reply', reply, cut: { atBytes: fault.atBytes } }
    case 'stall':
      return {
        kind: 'reply',
        reply,
        cut: { atBytes: fault.atBytes, pauseMs: fault.ms ?? Number.POSITIVE_INFINITY },
      }
    case 'shorten':
      return { kind: 'reply', reply: shorten(reply, fault.toBytes) }
    case 'corrupt':
      return { kind: 'reply', reply: corrupt(reply) }
  }
  discard(reply)
  if (fault.kind === 'status-after') return { kind: 'reply', reply: refuse(fault) }
  return { kind: fault.kind === 'reset-after' ? 'reset' : 'hang' }
}

async function endLater(
  call: Call,
  { kind, ms }: { readonly kind: 'late' | 'duplicate'; readonly ms: number },
  act: Act,
): Promise<Ending> {
  const repeat = await recordCall(call)
  const ending: Ending = kind === 'late' ? { kind: 'reset' } : { kind: 'reply', reply: await act(repeat()) }
  void sleep(ms, undefined, { ref: false }).then(async () => discard(await act(repeat())))
  return ending
}

function withBody(call: Call, body: AsyncIterable<Buffer>): Call {
  return makeCall({ ...call, body: Readable.from(body, { objectMode: false }) })
}

/** A body whose reader may stop early: the client is still sending, and gets its reply when the rest is read away. */
function readOn(body: Readable): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false })
}

function withShortPage(call: Call): Call {
  const url = new URL(call.url)
  url.searchParams.set('maxResults', '1')
  return makeCall({ ...call, url })
}

/** Lets go of a reply that nobody gets. */
export function discard({ body }: Reply): void {
  if (body instanceof Readable) body.destroy()
}

function shorten(reply: Reply, toBytes: number): Reply {
  const { body, json, ...rest } = reply
  if (body instanceof Readable) return reply
  const whole = Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json))
  return { status: 200, ...rest, body: whole.subarray(0, toBytes) }
}

function corrupt({ json, ...reply }: Reply): Reply {
  const { body } = reply
  if (body instanceof Readable) return { ...reply, body: Readable.from(flipBit(body), { objectMode: false }) }
  const bytes = Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json))
  if (bytes.length > 0) bytes[0] = (bytes[0] as number) ^ 1
  return { status: 200, ...reply, body: bytes }
}

function refuse({ status, ...fault }: { status: number; reason?: string; message?: string }): Reply {
  const reason = fault.reason ?? usualReason(status)
  return replyTo(new GoogleError(status, reason, fault.message ?? `Injected fault: ${reason}`))
}
