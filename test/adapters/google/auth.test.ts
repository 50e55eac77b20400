import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { openTokens } from '../../../adapters/google/auth.ts'
import { shareTokens, type Token } from '../../../adapters/google/tokens.ts'
import { writeFederatedFile } from './federated-file.ts'
import { answer, type Handler, refuse, reset, startHostileServer } from './hostile-server.ts'

afterEach(() => vi.unstubAllEnvs())

function open(env: Readonly<Record<string, string>>) {
  return openTokens((name) => ({ HOME: '/nonexistent', ...env })[name], 'mayfly/0.0.0')
}

test('calls at the same time share one token, and the next one comes a minute before its end', async () => {
  let now = 0
  let minted = 0
  const mint = async (): Promise<Token> => ({ value: `token${++minted}`, expiresAt: now + 3_600_000 })
  const tokens = shareTokens(mint, () => now)

  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['token1', 'token1'])
  now = 3_539_999
  expect(await tokens.get()).toBe('token1')
  now = 3_540_000
  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['token2', 'token2'])
})

test('a refused token is replaced, but not one that has been replaced already', async () => {
  let minted = 0
  const tokens = shareTokens(async () => ({ value: `token${++minted}`, expiresAt: Number.POSITIVE_INFINITY }))

  await tokens.get()
  tokens.drop('token1')
  expect(await tokens.get()).toBe('token2')
  tokens.drop('token1')
  expect(await tokens.get()).toBe('token2')
})

test('after a failure the next call tries again', async () => {
  let count = 0
  const tokens = shareTokens(async () => {
    if (++count === 1) throw new Error('not yet')
    return { value: 'token', expiresAt: Number.POSITIVE_INFINITY }
  })

  await expect(tokens.get()).rejects.toThrow('not yet')
  expect(await tokens.get()).toBe('token')
})

test('a machine gets the token of its service account from the metadata server', async () => {
  let flavor: unknown
  const give: Handler = (request, response) => {
    flavor = request.headers['metadata-flavor']
    answer(200, { access_token: 'from-metadata', expires_in: 3599 })(request, response)
  }
  await using server = await startHostileServer(reset, give)
  const tokens = open({ GCE_METADATA_HOST: new URL(server.url).host })

  expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['from-metadata', 'from-metadata'])
  expect(flavor).toBe('Google')
  const path = 'GET /computeMetadata/v1/instance/service-accounts/default/token'
  expect(server.seen).toEqual([path, path])
})

test('without credentials one message says what to do', async () => {
  const server = await startHostileServer(reset)
  await server[Symbol.asyncDispose]()
  const host = new URL(server.url).host

  const failure = open({ GCE_METADATA_HOST: host }).get()

  await expect(failure).rejects.toMatchObject({ failure: 'permission', exitCode: 77 })
  for (const part of [
    host,
    'gcloud auth application-default login',
    'google-github-actions/auth',
    'ECONNREFUSED',
  ]) {
    await expect(failure).rejects.toThrow(part)
  }
})

test('a federated identity is exchanged for a token, through faults, and never asked for a project', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'))
  try {
    let form = ''
    let agent: unknown
    const exchange: Handler = (request, response) => {
      agent = request.headers['user-agent']
      request.on('data', (chunk) => {
        form += chunk
      })
      const json = {
        access_token: 'federated',
        expires_in: 300,
        token_type: 'Bearer',
        issued_token_type: 'x',
      }
      answer(200, json)(request, response)
    }
    await using server = await startHostileServer(
      reset,
      answer(200, { value: 'oidc-token' }),
      reset,
      refuse(503, 'backendError'),
      exchange,
    )
    const file = join(folder, 'gha-creds.json')
    await writeFederatedFile(file, server.url)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
    const warn = vi.spyOn(console, 'warn')

    expect(await open({ GOOGLE_APPLICATION_CREDENTIALS: file }).get()).toBe('federated')
    expect(server.seen).toEqual([
      'GET /oidc',
      'GET /oidc',
      'POST /v1/token',
      'POST /v1/token',
      'POST /v1/token',
    ])
    expect(new URLSearchParams(form).get('subject_token')).toBe('oidc-token')
    // All of it goes our way, with its deadlines.
    expect(agent).toBe('mayfly/0.0.0')
    expect(warn).not.toHaveBeenCalled()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a file that gives no token is named', async () => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nonexistent/key.json')

  const failure = open({ GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent/key.json' }).get()

  await expect(failure).rejects.toMatchObject({ failure: 'permission' })
  await expect(failure).rejects.toThrow('the credentials in /nonexistent/key.json gave no token')
})
