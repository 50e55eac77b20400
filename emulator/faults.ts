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
  /** The reply has its full Content-Length, and ends after `atBytes` of its body, by default half of it. */
  | { readonly kind: 'truncate'; readonly atBytes?: number }
  /** The reply is whole as far as its Content-Length tells, but only `toBytes` of what it should be. */
  | { readonly kind: 'shorten'; readonly toBytes: number }
  /** The reply's body stops after `atBytes` and goes on after `ms`; without `ms`, never. */
  | { readonly kind: 'stall'; readonly atBytes: number; readonly ms?: number }
  /** The request's body is not read for `ms` once `atBytes` of it have come. */
  | { readonly kind: 'stall-request'; readonly atBytes: number; readonly ms: number }
  /** The request's body breaks off after `atBytes`, which have their effect, and an error status is the reply. */
  | {
      readonly kind: 'status-at'
      readonly status: number
      readonly atBytes: number
      readonly reason?: string
      readonly message?: string
    }
  /** A bit of the body flips on its way: of the reply, or of the request. Headers say what they would have said. */
  | { readonly kind: 'corrupt' | 'corrupt-request' }
  /** A list gives a page of one, with a token for the rest, however many were asked for. */
  | { readonly kind: 'short-page' }
  /** Everything is as usual, but later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is reset at once, and the effect comes later all the same. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The reply is the usual one; the same request then has its effect a second time, later. */
  | { readonly kind: 'duplicate'; readonly ms: number }

/**
 * One fault to give: to requests of `route` (Google's method name, or `*`) whose path and query, percent-decoded, match
 * `match` (a regular expression), not to the first `after` of them (default 0), then to `times` of them (default 1). With
 * `chance`, to each of them with that probability, as often as the same `seed` gives it, and `times` is without an end.
 */
export type Fault = FaultKind & {
  readonly route: string
  readonly match?: string
  readonly after?: number
  readonly times?: number
  /** From 0 to 1. */
  readonly chance?: number
  readonly seed?: number
}

/** The faults still to give. */
export interface Faults {
  inject(fault: Fault): void
  /** The fault for this request, if one is due; it is then used up once. `target` is the path with its query. */
  take(route: string, target: string): Fault | undefined
}

interface Waiting {
  readonly fault: Fault
  readonly match: RegExp
  readonly chance: number
  readonly random: () => number
  after: number
  times: number
}

export function openFaults(): Faults {
  const waiting: Waiting[] = []
  return {
    inject(fault) {
      const { match = '', after = 0, chance = 1, seed = 1 } = fault
      const times = fault.times ?? (fault.chance === undefined ? 1 : Number.POSITIVE_INFINITY)
      waiting.push({ fault, match: new RegExp(match), after, times, chance, random: openRandom(seed) })
    },
    take(route, target) {
      const decoded = decode(target)
      for (const [index, due] of waiting.entries()) {
        if (due.fault.route !== route && due.fault.route !== '*') continue
        if (!due.match.test(decoded)) continue
        if (due.after-- > 0) continue
        if (due.chance < 1 && due.random() >= due.chance) continue
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

/** Numbers from 0 to 1 that are the same for the same seed: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function openRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
