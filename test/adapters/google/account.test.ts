import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { readAccount } from '../../../adapters/google/account.ts'
import { noTokens } from '../../../adapters/google/tokens.ts'

const person = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }
const tokens = { get: async () => 'a-token', drop: () => undefined }

async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

/** A home with Google's credentials in a file, or without. */
async function openHome(credentials?: object) {
  const home = await mkdtemp(join(tmpdir(), 'mayfly-account-'))
  const file = join(home, 'credentials.json')
  if (credentials) await writeFile(file, JSON.stringify(credentials))
  return {
    env: { HOME: home, ...(credentials && { GOOGLE_APPLICATION_CREDENTIALS: file }) } as Record<
      string,
      string
    >,
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  }
}

function read(env: Record<string, string>, oauth = 'http://127.0.0.1:9') {
  return readAccount({ env: (name) => env[name], tokens, userAgent: 'mayfly/test', oauth })
}

test.each([
  [
    "a service account's key",
    { type: 'service_account', client_email: 'batch@acme.iam.gserviceaccount.com', private_key: 'k' },
  ],
  [
    'a federated identity that acts as a service account',
    {
      type: 'external_account',
      audience: 'a',
      subject_token_type: 't',
      token_url: 'https://sts.googleapis.com/v1/token',
      credential_source: {},
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/batch@acme.iam.gserviceaccount.com:generateAccessToken',
    },
  ],
])('%s names its account', async (_, credentials) => {
  await using home = await openHome(credentials)

  expect(await read(home.env)).toEqual({ email: 'batch@acme.iam.gserviceaccount.com', anonymous: false })
})

test("Google tells whose a person's token is, and the token stays out of the address", async () => {
  const asked: string[] = []
  await using oauth = await serve(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${await text(request)}`)
    response.end('{"email":"ada@example.com"}')
  })
  await using home = await openHome(person)

  expect(await read(home.env, `http://${oauth.host}`)).toEqual({ email: 'ada@example.com', anonymous: false })
  expect(asked).toEqual(['POST /tokeninfo access_token=a-token'])
})

test('a machine asks its metadata server', async () => {
  await using metadata = await serve((request, response) => {
    const known = request.url === '/computeMetadata/v1/instance/service-accounts/default/email'
    response.end(known && request.headers['metadata-flavor'] === 'Google' ? 'vm@acme.iam\n' : 'no')
  })
  await using home = await openHome()

  expect(await read({ ...home.env, GCE_METADATA_HOST: metadata.host })).toEqual({
    email: 'vm@acme.iam',
    anonymous: false,
  })
})

test('an account whose name nobody tells is an account all the same', async () => {
  await using oauth = await serve((_, response) => response.writeHead(400).end('{}'))
  await using home = await openHome(person)

  expect(await read(home.env, `http://${oauth.host}`)).toEqual({ anonymous: false })
})

test('a local cloud asks for no credentials', async () => {
  const account = readAccount({ env: () => undefined, tokens: noTokens, userAgent: 'mayfly/test', oauth: '' })
  expect(await account).toEqual({ anonymous: true })
})
