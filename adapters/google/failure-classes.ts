import type { CloudFailure } from '../../core/errors.ts'
import type { CallFailure, Refusal } from './failures.ts'

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

// A restart of the other side explains these, a wrong address better: a few tries are enough.
const fewTries = new Set(['ECONNREFUSED', 'ENOTFOUND'])
const few = 4

/** Whether the same call may come out differently after a pause. */
export function isPassing({ refusal, code }: CallFailure, tries: number): boolean {
  if (code) return passingFaults.has(code) || (fewTries.has(code) && tries < few)
  if (!refusal) return false
  if (refusal.status === 408 || isThrottled(refusal)) return true
  // 501 says "never", unlike its neighbours; and a zone that is sold out stays so for longer than anyone waits.
  return refusal.status >= 500 && refusal.status !== 501 && classify(refusal) === 'unknown'
}

/** Refused for the rate, before anything was done. */
export function isThrottled({ status, reason }: Refusal): boolean {
  return status === 429 || throttles.has(reason)
}

// https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-vm-creation and the errors seen by those who
// create machines by the thousand (syzkaller, SkyPilot).
const classes = new Map<string, CloudFailure>(
  Object.entries({
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
  } as const),
)

/** What a refusal allows the caller to do next; the reason outweighs the status. */
export function classify(refusal: Refusal): CloudFailure {
  if (isThrottled(refusal)) return 'busy'
  const known = classes.get(refusal.reason)
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
