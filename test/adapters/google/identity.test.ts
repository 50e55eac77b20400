import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openTokens } from '../../../adapters/google/auth.ts'
import { explainTokenFailure } from '../../../adapters/google/token-failures.ts'
import type { Tokens } from '../../../adapters/google/tokens.ts'
import { openBucket, startBucket } from './bucket.ts'
import { reset, startHostileServer } from './hostile-server.ts'
import { account, describeIdentity, type Identity, startIdentity } from './identity.ts'
import { openMachines, specify, zone } from './machines.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-identity-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

/** Signs in by a file as google-github-actions/auth leaves it in the workspace. */
async function signIn(content: string): Promise<Tokens> {
  const file = join(folder, 'gha-creds-0123456789abcdef.json')
  await writeFile(file, content)
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
  return openTokens((name) => process.env[name], 'mayfly/0.0.0')
}

const signInTo = ({ url }: Identity) => signIn(JSON.stringify(describeIdentity(url)))
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

const denied = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
test.each([
  ['oidc', [401, {}], 'the job needs the permission "id-token: write"'],
  ['oidc', [200, { count: 1 }], 'The file serves only the job in which google-github-actions/auth wrote it'],
  [
    'sts',
    [
      400,
      {
        error: 'unauthorized_client',
        error_description: 'The given credential is rejected by the attribute condition.',
      },
    ],
    'rejected by the attribute condition. (127.0.0.1:PORT). Compare the attribute condition of the workload identity provider acme with',
  ],
  [
    'impersonation',
    [403, { error: { code: 403, message: denied } }],
    `may not act as ${account}: ${denied} Grant it the role roles/iam.workloadIdentityUser on that service account.`,
  ],
] as const)('a refusal by %s (%j) says what to write where', async (place, answer, expected) => {
  await using identity = await startIdentity('http://127.0.0.1:1')
  const tokens = await signInTo(identity)
  identity.refuse(place, answer)

  const failure = tokens.get()

  await expect(failure).rejects.toMatchObject({ failure: 'permission', exitCode: 77 })
  await expect(failure).rejects.toThrow(expected.replace('PORT', new URL(identity.url).port))
})

test.each([
  [
    'hunter2 in plain words',
    'got text that is not JSON. Write the file as Google gave it, whole and without encoding it.',
  ],
  ['', 'got an empty file'],
  ['{"private_key":"hunter2"}', 'got JSON without a "type".'],
  ['["hunter2"]', 'got JSON without a "type".'],
  [
    '{"type":"external_account","audience":"hunter2"}',
    'got external_account without subject_token_type, token_url, credential_source.',
  ],
  ['{"type":"service_account","client_email":"ml@acme.example"}', 'got service_account without private_key.'],
  [
    '{"type":"service_account","client_email":"ml@acme.example","private_key":"hunter2"}',
    'the private_key in it, of ml@acme.example, cannot be used',
  ],
])('a credentials file with %j is told in one sentence and not shown', async (content, expected) => {
  const tokens = await signIn(content)

  const error = await tokens.get().catch((error: Error) => error)

  expect(error).toMatchObject({ failure: 'permission' })
  expect(String(error)).toContain(expected)
  expect(inspect(error)).not.toContain('hunter2')
})

test('a job of GitHub without the permission to have an identity is told so', async () => {
  const server = await startHostileServer(reset)
  await server[Symbol.asyncDispose]()
  const nowhere = {
    HOME: '/nonexistent',
    GCE_METADATA_HOST: new URL(server.url).host,
    GITHUB_ACTIONS: 'true',
  }
  const ask = (env: Readonly<Record<string, string>>) => openTokens((name) => env[name], 'mayfly/0.0.0').get()
  const advice =
    'That action needs "id-token: write" under "permissions" of this job, which it does not have now.'

  await expect(ask(nowhere)).rejects.toThrow(advice)
  await expect(ask({ ...nowhere, ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' })).rejects.not.toThrow(advice)
})

// The addresses of these two are the library's own, so that no server of ours can stand in.
test.each([
  [
    { type: 'service_account', client_email: 'ml@acme.example' },
    'The key of ml@acme.example may have been deleted',
  ],
  [{ type: 'authorized_user' }, 'Sign in again with "gcloud auth application-default login".'],
])('a refusal by Google of %j says how to have new credentials', (credentials, expected) => {
  const asked = { url: 'https://oauth2.googleapis.com/token', answered: true }
  const message = explainTokenFailure('invalid_grant', credentials, asked)
  expect(message).toContain(`oauth2.googleapis.com refused them: invalid_grant. ${expected}`)
})

test('where nobody answers, the network is blamed and not the credentials', () => {
  const url = 'https://sts.googleapis.com/v1/token'
  const credentials = { type: 'external_account', token_url: url }
  expect(explainTokenFailure('ECONNREFUSED', credentials, { url, answered: false })).toBe(
    'sts.googleapis.com could not be asked: ECONNREFUSED',
  )
})
