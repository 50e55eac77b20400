/** What Google refused a call or an operation with. */
export interface Refusal {
  /** HTTP status; 0 when the refusal came inside an operation without one. */
  readonly status: number
  /** Google's machine-readable word, such as `rateLimitExceeded` or `QUOTA_EXCEEDED`; empty when it gave none. */
  readonly reason: string
  /** Google's sentence. */
  readonly message: string
  /** Zones that Google says have room, with a stockout. */
  readonly zonesAvailable: readonly string[]
}

interface CallFailureOptions extends ErrorOptions {
  readonly refusal?: Refusal | undefined
  readonly code?: string | undefined
}

/** A call that ended without a usable answer. The adapters name the call and make it a CloudError. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  /** Absent when no answer came. */
  readonly refusal: Refusal | undefined
  /** Node's code of a fault of the network, such as ECONNRESET, or `timeout`. Absent when an answer came. */
  readonly code: string | undefined

  constructor(message: string, options: CallFailureOptions = {}) {
    super(message, options)
    this.refusal = options.refusal
    this.code = options.code
  }
}

/** The failure that a refused answer is. */
export function describeRefusal(refusal: Refusal): CallFailure {
  const answer = [refusal.status && `HTTP ${refusal.status}`, refusal.reason].filter(Boolean).join(' ')
  return new CallFailure(refusal.message ? `${refusal.message} (${answer})` : answer, { refusal })
}

/** The failure that an error of the network is: fetch hides the code in the cause, or among several causes. */
export function describeFault(error: unknown): CallFailure {
  const { message, code } = findFault(error)
  const text = code && code !== 'timeout' ? `${message} (${code})` : message
  return new CallFailure(text, { code, cause: error })
}

function findFault(error: unknown): { readonly message: string; readonly code?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const inner = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
  if (inner instanceof Error) return findFault(inner)
  const { message } = error
  return 'code' in error && typeof error.code === 'string' ? { message, code: error.code } : { message }
}

interface ErrorEnvelope {
  readonly error?: {
    readonly message?: string
    readonly status?: string
    readonly errors?: readonly { readonly reason?: string; readonly message?: string }[]
    readonly details?: readonly ErrorDetail[]
  }
}

/** One of the details that say more than the code; Compute Engine wraps its own in `errorInfo`. */
export interface ErrorDetail {
  readonly reason?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly errorInfo?: { readonly metadatas?: Readonly<Record<string, string>> | null } | null
}

/** Reads the body of a refused answer: Google's JSON envelope, or the plain text of its media and upload servers. */
export function readRefusal(status: number, body: string): Refusal {
  const error = readEnvelope(body)?.error
  if (!error) return { status, reason: '', message: body.trim().slice(0, 500), zonesAvailable: [] }
  const first = error.errors?.[0]
  return {
    status,
    reason: first?.reason ?? error.status ?? '',
    message: error.message ?? first?.message ?? '',
    zonesAvailable: readZones(error.details ?? []),
  }
}

/** Zones with room, from the details of a stockout. */
export function readZones(details: readonly ErrorDetail[]): readonly string[] {
  const texts = details.map(({ metadata, errorInfo }) => (metadata ?? errorInfo?.metadatas)?.zonesAvailable)
  return texts
    .flatMap((text) => text?.split(',') ?? [])
    .map((zone) => zone.trim())
    .filter((zone) => zone !== '')
}

function readEnvelope(body: string): ErrorEnvelope | undefined {
  try {
    return JSON.parse(body) as ErrorEnvelope
  } catch {
    return undefined
  }
}
