import type { CloudFailure } from '../../core/errors.ts'

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

// Compute Engine's per-minute limits come as 403
// (https://cloud.google.com/compute/api-quota#error_messages), not as 429.
const throttles = new Set(['rateLimitExceeded', 'userRateLimitExceeded'])

// A body that stops early arrives as UND_ERR_SOCKET.
const passingFaults = new Set([
  'timeout',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

/** The most tries for faults that a restart of the other side explains, but more likely a wrong address. */
const triesOf: Readonly<Record<string, number>> = { ECONNREFUSED: 4, ENOTFOUND: 4 }

/** Whether the same call may come out differently after a pause. */
export function isPassing({ refusal, code }: CallFailure, tries: number): boolean {
  if (code) return passingFaults.has(code) || tries < (triesOf[code] ?? 0)
  if (!refusal) return false
  // 501 says "never", unlike its neighbours.
  if (refusal.status >= 500) return refusal.status !== 501
  return refusal.status === 408 || isThrottled(refusal)
}

function isThrottled({ status, reason }: Refusal): boolean {
  return status === 429 || throttles.has(reason)
}

// https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-vm-creation and the errors seen by those who
// create machines by the thousand (syzkaller, SkyPilot).
const classes: Readonly<Record<string, CloudFailure>> = {
  ZONE_RESOURCE_POOL_EXHAUSTED: 'stockout',
  ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: 'stockout',
  REGION_RESOURCE_POOL_EXHAUSTED: 'stockout',
  RESOURCE_POOL_EXHAUSTED: 'stockout',
  GPU_STOCKOUT: 'stockout',
  insufficientCapacity: 'stockout',
  // A spot machine that was preempted while it was being created.
  UNSUPPORTED_OPERATION: 'stockout',
  QUOTA_EXCEEDED: 'quota',
  quotaExceeded: 'quota',
  alreadyExists: 'exists',
  RESOURCE_ALREADY_EXISTS: 'exists',
  conditionNotMet: 'exists',
  notFound: 'not-found',
  RESOURCE_NOT_FOUND: 'not-found',
  RESOURCE_NOT_READY: 'busy',
  resourceNotReady: 'busy',
  RESOURCE_IN_USE_BY_ANOTHER_RESOURCE: 'busy',
  resourceInUseByAnotherResource: 'busy',
  RESOURCE_OPERATION_RATE_EXCEEDED: 'busy',
  IAM_PERMISSION_DENIED: 'permission',
  PERMISSIONS_ERROR: 'permission',
  INVALID_FIELD_VALUE: 'invalid',
  INVALID_USAGE: 'invalid',
  invalid: 'invalid',
}

/** What a refusal allows the caller to do next; the reason outweighs the status. */
export function classify(refusal: Refusal): CloudFailure {
  if (isThrottled(refusal)) return 'busy'
  const known = classes[refusal.reason]
  if (known) return known
  // Organisation policies: `constraints/compute.vmExternalIpAccess` and the like.
  if (refusal.reason.startsWith('constraints/')) return 'permission'
  // Google refuses a checksum that does not match with 400 `invalid`; others with 412, as if a precondition had failed.
  if (refusal.status === 412 && /crc32c|md5|checksum/i.test(refusal.message)) return 'invalid'
  return classifyStatus(refusal.status)
}

function classifyStatus(status: number): CloudFailure {
  if (status === 401 || status === 403) return 'permission'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 409 || status === 412) return 'exists'
  if (status >= 400 && status < 500 && status !== 408) return 'invalid'
  return 'unknown'
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
