import { randomUUID } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { openBucket, startBucket } from './bucket.ts'
import { account, startIdentity } from './identity.ts'
import { openMachines, specify, zone } from './machines.ts'
import { signInTo } from './sign-in.ts'

afterEach(() => vi.useRealTimers())

const chain = [
  'GET /oidc/token',
  'POST /sts/v1/token',
  `POST /v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
]

test("GitHub's identity becomes the service account's token, and one token serves storage and compute", async () => {
  await using bucket = await startBucket()
  await using identity = await startIdentity(bucket.google.url)
  const tokens = await signInTo(identity)
  const objects = openBucket(identity.url, { tokens })
  const machines = openMachines(identity.url, { tokens })

  await objects.create('a', 'text')
  await machines.insert(specify())
  expect(await machines.instance(zone, 'vm-1')).toMatchObject({ name: 'vm-1' })
  await machines.remove(zone, 'vm-1', randomUUID())

  expect(Buffer.from((await objects.read('a')) ?? '').toString()).toBe('text')
  expect(identity.seen).toEqual(chain)
  expect(identity.used.size).toBe(1)
  expect(identity.refused()).toBe(0)
})

test('a run of hours signs in anew each time its token is about to end, from the start of the chain', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await using bucket = await startBucket()
  await using identity = await startIdentity(bucket.google.url)
  const tokens = await signInTo(identity)
  const objects = openBucket(identity.url, { tokens })

  for (let hour = 0; hour < 6; hour++) {
    await objects.create(`hour-${hour}`, 'text')
    vi.setSystemTime(Date.now() + 30 * 60_000)
    await objects.create(`half-${hour}`, 'text')
    vi.setSystemTime(Date.now() + 29.5 * 60_000)
  }

  expect(identity.seen).toEqual(Array.from({ length: 6 }, () => chain).flat())
  expect([...identity.used.values()]).toEqual([2, 2, 2, 2, 2, 2])
  expect(identity.refused()).toBe(0)
})

test('a token that is revoked in mid-run is replaced, whatever the call', async () => {
  await using bucket = await startBucket()
  await using identity = await startIdentity(bucket.google.url)
  const tokens = await signInTo(identity)
  const objects = openBucket(identity.url, { tokens })
  await objects.create('before', 'text')

  identity.revoke()
  await objects.put('after', 'text')

  expect(identity.refused()).toBe(1)
  expect(identity.seen).toEqual([...chain, ...chain])
  expect(await objects.stat('after')).toMatchObject({ size: 4 })
})

test('a job that may no longer sign in ends with one message, and not before its token', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await using bucket = await startBucket()
  await using identity = await startIdentity(bucket.google.url)
  const tokens = await signInTo(identity)
  const objects = openBucket(identity.url, { tokens })
  await objects.create('before', 'text')
  identity.refuse('oidc', [403, { message: 'The job is over.' }])

  vi.setSystemTime(Date.now() + 50 * 60_000)
  await objects.create('within', 'text')
  vi.setSystemTime(Date.now() + 20 * 60_000)
  const late = objects.create('late', 'text')

  await expect(late).rejects.toMatchObject({ failure: 'permission', exitCode: 77 })
  await expect(late).rejects.toThrow(
    'gave no identity token of this job: Request failed with status code 403.',
  )
})
