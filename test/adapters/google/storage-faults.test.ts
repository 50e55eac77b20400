import { expect, test } from 'vitest'
import { crc32cOf } from '../../../core/crc32c.ts'
import { openBucket, startBucket } from './bucket.ts'
import { answer, hang, hangInBody, refuse, startHostileServer } from './hostile-server.ts'

const route = 'storage.objects.insert'

test.each(['reset-after', 'truncate', 'hang-after'] as const)(
  'a create whose answer is lost (%s) finds its own object',
  async (kind) => {
    await using bucket = await startBucket()
    bucket.google.inject({ route, kind })

    expect(await bucket.objects.create('claim', 'mine')).toBe('exists')
    expect(await bucket.objects.read('claim')).toEqual(Buffer.from('mine'))
    expect(bucket.asked().slice(0, 2)).toEqual([route, route])
  },
)

test.each(['reset-before', 'hang'] as const)(
  'a create that never arrived (%s) is sent again',
  async (kind) => {
    await using bucket = await startBucket()
    bucket.google.inject({ route, kind, times: 2 })

    expect(await bucket.objects.create('claim', 'mine')).toMatchObject({ size: 4 })
    expect(bucket.asked()).toEqual([route, route, route])
  },
)

test('a put is sent again too: the same bytes twice are the same object', async () => {
  await using bucket = await startBucket()
  bucket.google.inject({ route, kind: 'status', status: 503 })
  bucket.google.inject({ route, kind: 'reset-after' })

  expect(await bucket.objects.put('state', 'one')).toMatchObject({ size: 3 })
  expect(bucket.asked()).toEqual([route, route, route])
})

test('wrong bytes are refused before they are there', async () => {
  await using bucket = await startBucket()
  const wrong = { crc32c: crc32cOf(Buffer.from('other')) }

  await expect(bucket.objects.create('x', 'bytes', wrong)).rejects.toMatchObject({ failure: 'invalid' })
  expect(await bucket.objects.stat('x')).toBeUndefined()
})

test('a checksum that does not match is no "exists", even with the status of one', async () => {
  const refusal = refuse(412, 'mismatch', 'crc32c does not match: expected AAAAAA==, actual BBBBBB==')
  await using server = await startHostileServer(refusal)

  await expect(openBucket(server.url).create('x', 'y')).rejects.toMatchObject({ failure: 'invalid' })
})

test.each([
  { status: 403, reason: 'forbidden', failure: 'permission', exitCode: 77, hint: 'storage.objects.create' },
  { status: 401, reason: 'authError', failure: 'permission', exitCode: 77, hint: 'sign in again' },
  { status: 429, reason: 'rateLimitExceeded', failure: 'busy', exitCode: 70, hint: 'tries over' },
  { status: 503, reason: 'backendError', failure: 'unknown', exitCode: 70, hint: 'tries over' },
  { status: 400, reason: 'invalid', failure: 'invalid', exitCode: 64, hint: 'HTTP 400 invalid' },
])(
  '$status $reason is $failure, and the message says what to do',
  async ({ status, reason, hint, ...error }) => {
    await using server = await startHostileServer(refuse(status, reason, 'Google says so'))
    const objects = openBucket(server.url, { retry: { baseMs: 1, capMs: 1, budgetMs: 20 } })

    const failure = objects.put('a/b', 'x')

    await expect(failure).rejects.toMatchObject({ name: 'CloudError', method: route, ...error })
    for (const part of ['gs://acme/a/b', 'Google says so', hint]) await expect(failure).rejects.toThrow(part)
  },
)

test('a missing right is named by Google, and the role that holds it by us', async () => {
  await using bucket = await startBucket()
  bucket.google.deny({ bucket: 'acme', permission: 'storage.objects.list' })

  const failure = bucket.objects.list('')[Symbol.asyncIterator]().next()

  await expect(failure).rejects.toMatchObject({ failure: 'permission', method: 'storage.objects.list' })
  await expect(failure).rejects.toThrow(
    /does not have storage\.objects\.list access.*roles\/storage\.objectUser/,
  )
})

test('a bucket that is not there is said to be missing, and is never an absent object', async () => {
  await using google = await startHostileServer(
    refuse(404, 'notFound', 'The specified bucket does not exist.'),
  )
  const objects = openBucket(google.url)

  for (const act of [() => objects.stat('x'), () => objects.read('x'), () => objects.create('x', 'y')]) {
    await expect(act()).rejects.toMatchObject({ failure: 'not-found', exitCode: 64 })
    await expect(act()).rejects.toThrow('gcloud storage buckets create')
  }
})

test.each([
  { what: 'never answers', fault: hang },
  { what: 'stops in its answer', fault: hangInBody },
])('a server that $what ends a call by the deadline', async ({ fault }) => {
  await using server = await startHostileServer(fault)
  const objects = openBucket(server.url, { deadlineMs: 50, retry: { baseMs: 1, capMs: 1, budgetMs: 60 } })

  await expect(objects.stat('x')).rejects.toMatchObject({ failure: 'unknown' })
  await expect(objects.create('x', 'y')).rejects.toThrow('no complete answer within')
})

test('a write that is aborted ends with the reason', async () => {
  await using server = await startHostileServer(hang)
  const reason = new Error('the user went home')
  const signal = AbortSignal.abort(reason)

  await expect(openBucket(server.url).create('x', 'y', { signal })).rejects.toBe(reason)
  expect(server.seen).toEqual([])

  const controller = new AbortController()
  const failure = openBucket(server.url, { deadlineMs: 60_000 }).put('x', 'y', { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 50)
  await expect(failure).rejects.toBe(reason)
})

test('an answer that is no JSON is an error with the name of the call', async () => {
  await using server = await startHostileServer((request, response) => {
    request.resume()
    response.end('<html>')
  })

  await expect(openBucket(server.url).stat('x')).rejects.toMatchObject({
    failure: 'unknown',
    method: 'storage.objects.get',
  })
})

test('one faulty write leaves the client as it was', async () => {
  await using server = await startHostileServer(
    refuse(503, 'backendError'),
    refuse(400, 'invalid'),
    answer(200, { size: 1 }),
  )
  const objects = openBucket(server.url)

  await expect(objects.put('x', 'y')).rejects.toThrow()
  expect(await objects.put('x', 'y')).toMatchObject({ size: 1 })
})
