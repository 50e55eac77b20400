import { once } from 'node:events'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { expect, test } from 'vitest'
import { GoogleError } from '../../emulator/errors.ts'
import { startEmulator } from '../../emulator/index.ts'
import { route } from '../../emulator/routing.ts'
import { openServer } from '../../emulator/server.ts'

test('a route sees the names of its path percent-decoded, slashes and all', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('things.get', 'GET', '/v1/{shelf}/{thing}', ({ params }) => ({ json: params })),
    route('things.rest', 'GET', '/tail/{rest*}', ({ params }) => ({ json: params })),
  ])
  const read = async (path: string) => (await fetch(server.url + path)).json()

  expect(await read('/v1/top/a%2Fb%20%C3%BC')).toEqual({ shelf: 'top', thing: 'a/b ü' })
  expect(await read('/tail/a/b')).toEqual({ rest: 'a/b' })
  expect((await fetch(`${server.url}/v1/top`)).status).toBe(501)
})

test('a body may be asked for again', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('a', 'POST', '/twice', async ({ bytes, json }) => ({
      json: [(await bytes()).length, await json()],
    })),
  ])
  expect(await (await fetch(`${server.url}/twice`, { method: 'POST', body: '{"a":1}' })).json()).toEqual([
    7,
    { a: 1 },
  ])
})

test('a reply is JSON, bytes, or 204', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('a', 'GET', '/json', () => ({ json: [1] })),
    route('b', 'GET', '/bytes', () => ({ status: 203, headers: { 'content-type': 'a/b' }, body: 'xy' })),
    route('c', 'GET', '/nothing', () => ({})),
  ])

  const json = await fetch(`${server.url}/json`)
  expect([json.status, json.headers.get('content-type'), await json.text()]).toEqual([
    200,
    'application/json; charset=UTF-8',
    '[1]',
  ])
  const bytes = await fetch(`${server.url}/bytes`)
  expect([bytes.status, bytes.headers.get('content-type'), await bytes.text()]).toEqual([203, 'a/b', 'xy'])
  expect((await fetch(`${server.url}/nothing`)).status).toBe(204)
})

test('errors come in the envelope of Google', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('a', 'POST', '/teapot', () => {
      throw new GoogleError(418, 'teapot', 'short and stout', { status: 'TEAPOT' })
    }),
    route('b', 'POST', '/parse', async ({ json }) => ({ json: await json() })),
  ])

  const teapot = await fetch(`${server.url}/teapot`, { method: 'POST' })
  expect(teapot.status).toBe(418)
  expect(await teapot.json()).toEqual({
    error: {
      code: 418,
      message: 'short and stout',
      status: 'TEAPOT',
      errors: [{ domain: 'global', reason: 'teapot', message: 'short and stout' }],
    },
  })
  const broken = await fetch(`${server.url}/parse`, { method: 'POST', body: '{' })
  expect([broken.status, await broken.json()]).toMatchObject([
    400,
    { error: { errors: [{ reason: 'parseError' }] } },
  ])
  expect(await (await fetch(`${server.url}/parse`, { method: 'POST' })).json()).toEqual({})
})

test('a handler that breaks is a 500 with its message', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('a', 'GET', '/broken', () => {
      throw new Error('the handler broke')
    }),
  ])
  const printed: unknown[] = []
  const { error } = console
  console.error = (...words) => printed.push(words.join(' '))
  const response = await fetch(`${server.url}/broken`).finally(() => {
    console.error = error
  })

  expect([response.status, await response.json()]).toMatchObject([
    500,
    { error: { message: 'the handler broke' } },
  ])
  expect(printed).toEqual([expect.stringMatching(/GET \/broken: Error: the handler broke/)])
})

test('unknown paths are answered 501 by name, and listed', async () => {
  await using emulator = await startEmulator()

  const response = await fetch(`${emulator.url}/dns/v1/zones?x=1`, { headers: { 'user-agent': 'tester' } })
  expect([response.status, await response.json()]).toMatchObject([
    501,
    { error: { message: 'The emulator does not know GET /dns/v1/zones', status: 'UNIMPLEMENTED' } },
  ])
  expect(emulator.unknown()).toEqual([
    {
      id: 1,
      name: 'unknown',
      method: 'GET',
      path: '/dns/v1/zones',
      query: '?x=1',
      userAgent: 'tester',
      status: 501,
      time: expect.closeTo(Date.now(), -5),
    },
  ])
  expect((await fetch(`${emulator.url}//storage/v1/b`)).status).toBe(501)
  expect((await fetch(`${emulator.url}/storage/v1/b/%ZZ`)).status).toBe(501)
})

test('the request log is also to be had over HTTP, and says nothing of being asked', async () => {
  await using emulator = await startEmulator({ now: () => 12_345 })

  const token = await fetch(`${emulator.url}/token`, { method: 'POST' })
  expect(await token.json()).toEqual({
    access_token: expect.any(String),
    expires_in: 3599,
    token_type: 'Bearer',
  })
  expect(await (await fetch(`${emulator.url}/_mayfly/health`)).json()).toEqual({ ok: true })
  expect(token.headers.get('date')).toBe('Thu, 01 Jan 1970 00:00:12 GMT')
  const requests = await (await fetch(`${emulator.url}/_mayfly/requests`)).json()
  expect(requests).toEqual(emulator.requests())
  expect(requests).toMatchObject([{ id: 1, name: 'oauth2.token', status: 200, time: 12_345 }])
})

test('an error before the body is read still reaches a client that sends a large one', async () => {
  await using emulator = await startEmulator()

  const body = Buffer.alloc(20_000_000)
  const path = '/upload/storage/v1/b/nowhere/o?uploadType=media&name=x'
  const response = await fetch(emulator.url + path, { method: 'POST', body })
  expect(response.status).toBe(404)
})

test('a client may send all of a body that the handler left half-way', async () => {
  await using server = await openServer(0, Date.now)
  server.mount([
    route('a', 'POST', '/half', async ({ body }) => {
      await body[Symbol.asyncIterator]().next()
      return { status: 400 }
    }),
  ])

  const request = http.request(`${server.url}/half`, { method: 'POST' }).end(Buffer.alloc(20_000_000))
  const finished = once(request, 'finish')
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.resume()
  await finished
  expect(response.statusCode).toBe(400)
})

test('a fresh state directory goes with its emulator; one that was named stays', async () => {
  const fresh = await startEmulator()
  expect(existsSync(fresh.stateDir)).toBe(true)
  await fresh[Symbol.asyncDispose]()
  expect(existsSync(fresh.stateDir)).toBe(false)

  await using parent = await startEmulator()
  const stateDir = `${parent.stateDir}/named`
  await (await startEmulator({ stateDir }))[Symbol.asyncDispose]()
  expect(existsSync(stateDir)).toBe(true)
})

test('a port that is taken is an error, and nothing stays open', async () => {
  await using emulator = await startEmulator()
  await expect(startEmulator({ port: emulator.port })).rejects.toThrow('EADDRINUSE')
})

test('an emulator ends with requests still open', async () => {
  const emulator = await startEmulator()
  emulator.inject({ route: 'oauth2.token', kind: 'hang' })
  const hanging = expect(fetch(`${emulator.url}/token`, { method: 'POST' })).rejects.toThrow('fetch failed')
  while (emulator.requests().length === 0) await new Promise(setImmediate)

  await emulator[Symbol.asyncDispose]()
  await hanging
})
