import { expect, test } from 'vitest'
import { classify, isPassing } from '../../../adapters/google/failure-classes.ts'
import {
  CallFailure,
  describeFault,
  describeRefusal,
  readRefusal,
} from '../../../adapters/google/failures.ts'

function refuse(status: number, reason: string) {
  return { status, reason, message: 'no', zonesAvailable: [] }
}

test.each([
  // The reason outweighs the status: the same status means different things.
  [403, 'rateLimitExceeded', 'busy'],
  [403, 'userRateLimitExceeded', 'busy'],
  [403, 'quotaExceeded', 'quota'],
  [403, 'QUOTA_EXCEEDED', 'quota'],
  [403, 'forbidden', 'permission'],
  [403, 'accessNotConfigured', 'permission'],
  [403, '', 'permission'],
  [401, 'authError', 'permission'],
  [412, 'constraints/compute.vmExternalIpAccess', 'permission'],
  [0, 'IAM_PERMISSION_DENIED', 'permission'],
  [404, 'notFound', 'not-found'],
  [410, 'gone', 'not-found'],
  [409, 'alreadyExists', 'exists'],
  [409, 'RESOURCE_ALREADY_EXISTS', 'exists'],
  [412, 'conditionNotMet', 'exists'],
  [400, 'invalid', 'invalid'],
  // A checksum that does not match: the storage testbench says so with 412, Google with 400.
  [412, 'invalid', 'invalid'],
  [400, 'resourceNotReady', 'busy'],
  [400, 'resourceInUseByAnotherResource', 'busy'],
  [400, 'INVALID_FIELD_VALUE', 'invalid'],
  [503, 'ZONE_RESOURCE_POOL_EXHAUSTED', 'stockout'],
  [503, 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS', 'stockout'],
  [0, 'GPU_STOCKOUT', 'stockout'],
  [0, 'UNSUPPORTED_OPERATION', 'stockout'],
  [0, 'RESOURCE_OPERATION_RATE_EXCEEDED', 'busy'],
  [429, 'rateLimitExceeded', 'busy'],
  [408, 'timeout', 'unknown'],
  [500, 'backendError', 'unknown'],
  [503, '', 'unknown'],
  [0, 'SOMETHING_NEW', 'unknown'],
])('%i %s is of the class %s', (status, reason, failure) => {
  expect(classify(refuse(status, reason))).toBe(failure)
})

test.each([
  [429, 'anything', true],
  [408, '', true],
  [500, '', true],
  [502, '', true],
  [503, '', true],
  [504, '', true],
  [501, 'notImplemented', false],
  [503, 'ZONE_RESOURCE_POOL_EXHAUSTED', false],
  [403, 'rateLimitExceeded', true],
  [403, 'userRateLimitExceeded', true],
  [403, 'forbidden', false],
  [400, 'invalid', false],
  [404, 'notFound', false],
  [412, 'conditionNotMet', false],
])('whether %i %s may pass by itself: %s', (status, reason, passing) => {
  expect(isPassing(describeRefusal(refuse(status, reason)), 1)).toBe(passing)
})

test.each([
  ['ECONNRESET', 99, true],
  ['EPIPE', 99, true],
  ['ETIMEDOUT', 99, true],
  ['EAI_AGAIN', 99, true],
  ['UND_ERR_SOCKET', 99, true],
  ['timeout', 99, true],
  ['ECONNREFUSED', 3, true],
  ['ECONNREFUSED', 4, false],
  ['ENOTFOUND', 3, true],
  ['ENOTFOUND', 4, false],
  ['CERT_HAS_EXPIRED', 1, false],
  ['ENOENT', 1, false],
])('whether %s may pass by itself after try %i: %s', (code, tries, passing) => {
  expect(isPassing(new CallFailure('no', { code }), tries)).toBe(passing)
})

test('the code of a fault is found in the causes of what fetch throws', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const refused = Object.assign(
    new AggregateError([Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })]),
    {
      code: 'ECONNREFUSED',
    },
  )

  expect(describeFault(new TypeError('fetch failed', { cause: reset }))).toMatchObject({
    message: 'read ECONNRESET (ECONNRESET)',
    code: 'ECONNRESET',
  })
  expect(describeFault(new TypeError('fetch failed', { cause: refused }))).toMatchObject({
    code: 'ECONNREFUSED',
  })
  expect(describeFault(new TypeError('odd'))).toMatchObject({ message: 'odd', code: undefined })
})

test.each([
  {
    what: 'the JSON APIs',
    body: { error: { code: 403, message: 'May not', errors: [{ reason: 'forbidden', message: 'May not' }] } },
    refusal: { reason: 'forbidden', message: 'May not' },
  },
  {
    what: 'an API without reasons',
    body: { error: { code: 403, message: 'May not', status: 'PERMISSION_DENIED' } },
    refusal: { reason: 'PERMISSION_DENIED', message: 'May not' },
  },
  {
    what: 'a stockout with zones',
    body: {
      error: {
        code: 503,
        message: 'Sold out',
        errors: [{ reason: 'ZONE_RESOURCE_POOL_EXHAUSTED' }],
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', metadata: { zonesAvailable: 'a-1, b-2,' } },
        ],
      },
    },
    refusal: { reason: 'ZONE_RESOURCE_POOL_EXHAUSTED', zonesAvailable: ['a-1', 'b-2'] },
  },
  { what: 'JSON that is no envelope', body: 'Not Found', refusal: { reason: '', message: '"Not Found"' } },
  { what: 'null', body: null, refusal: { reason: '', message: 'null' } },
])('the refusal of $what is read', ({ body, refusal }) => {
  expect(readRefusal(403, JSON.stringify(body))).toMatchObject({ status: 403, ...refusal })
})

test('plain text is a message, and is cut', () => {
  expect(readRefusal(404, ' No such object\n')).toMatchObject({ reason: '', message: 'No such object' })
  expect(readRefusal(502, '<html>'.repeat(1_000)).message).toHaveLength(500)
})
