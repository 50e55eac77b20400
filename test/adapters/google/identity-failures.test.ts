import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { openTokens } from '../../../adapters/google/auth.ts'
import { explainTokenFailure } from '../../../adapters/google/token-failures.ts'
import { reset, startHostileServer } from './hostile-server.ts'
import { account, startIdentity } from './identity.ts'
import { signIn, signInTo } from './sign-in.ts'

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
