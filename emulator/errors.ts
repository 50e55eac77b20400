import type { Reply } from './http.ts'

/** Google's reason word for a status, where the sender names none. */
const reasons: Readonly<Record<number, string>> = {
  304: 'notModified',
  400: 'invalid',
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  408: 'requestTimeout',
  409: 'conflict',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
  500: 'internalError',
  501: 'notImplemented',
}

/** The reason word Google most often sends with this status. */
export function usualReason(status: number): string {
  return reasons[status] ?? (status < 500 ? 'badRequest' : 'backendError')
}

/**
 * An error answered to the client in Google's JSON envelope. `extra` is merged into `error`, for the members that
 * only some products send (`status: 'RESOURCE_EXHAUSTED'`, `details`).
 */
export class GoogleError extends Error {
  override readonly name = 'GoogleError'
  readonly status: number
  readonly reason: string
  readonly extra: Readonly<Record<string, unknown>> | undefined

  constructor(status: number, reason: string, message: string, extra?: Readonly<Record<string, unknown>>) {
    super(message)
    this.status = status
    this.reason = reason
    this.extra = extra
  }
}

/**
 * The error as Google's JSON APIs send it. Code and message stand twice, since clients read one or the other; 304 has
 * no body.
 */
export function replyTo({ status, reason, message, extra }: GoogleError): Reply {
  if (status === 304) return { status }
  return {
    status,
    json: { error: { code: status, message, errors: [{ domain: 'global', reason, message }], ...extra } },
  }
}
