import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CallFailure } from '../../../adapters/google/failures.ts'
import { noTokens, type Tokens } from '../../../adapters/google/tokens.ts'
import { openTransport, type TransportOptions } from '../../../adapters/google/transport.ts'
import { answer, hang, hangInBody, refuse, reset, startHostileServer, truncate } from './hostile-server.ts'

function openImpatient(options: Partial<TransportOptions> = {}) {
  return openTransport({
    tokens: noTokens,
    userAgent: 'mayfly/0.0.0',
    retry: { baseMs: 1, capMs: 5, budgetMs: 5_000 },
    deadlineMs: 100,
    stallMs: 100,
    ...options,
  })
}

function textOf({ body }: { body: Uint8Array }) {
  return new TextDecoder().decode(body)
}

test('an answer comes with status, headers and body, and the request says who asks', async () => {
  let headers = {}
  await using server = await startHostileServer((request, response) => {
    headers = request.headers
    response.writeHead(201, { 'x-goog-hash': 'crc32c=AAAAAA==' }).end('hello')
  })
  const tokens = { ...noTokens, get: async () => 'secret' }

  const got = await openImpatient({ tokens }).send({ http: 'GET', url: `${server.url}/x` })

  expect([got.status, got.headers.get('x-goog-hash'), textOf(got)]).toEqual([201, 'crc32c=AAAAAA==', 'hello'])
  expect(headers).toMatchObject({ 'user-agent': 'mayfly/0.0.0', authorization: 'Bearer secret' })
})

test.each([
  { what: 'a reset', fault: reset },
  { what: 'a body that stops early', fault: truncate },
  { what: 'no answer', fault: hang },
  { what: 'half an answer', fault: hangInBody },
  { what: '408', fault: refuse(408, 'timeout') },
  { what: '429', fault: refuse(429, 'rateLimitExceeded') },
  { what: '500', fault: refuse(500, 'backendError') },
  { what: '503', fault: refuse(503, 'backendError') },
  { what: '503 in plain text', fault: answer(503, 'try later') },
  { what: '403 rateLimitExceeded', fault: refuse(403, 'rateLimitExceeded') },
  { what: '403 userRateLimitExceeded', fault: refuse(403, 'userRateLimitExceeded') },
])('after $what a read is tried again', async ({ fault }) => {
  await using server = await startHostileServer(fault, fault, answer(200, 'fine'))
  const asked: string[] = []

  const got = await openImpatient({ onRequest: ({ http }) => asked.push(http) }).send({
    http: 'GET',
    url: `${server.url}/x`,
  })

  expect(textOf(got)).toBe('"fine"')
  expect(server.seen).toEqual(['GET /x', 'GET /x', 'GET /x'])
  expect(asked).toEqual(['GET', 'GET', 'GET'])
})

test.each([400, 403, 404, 409, 412, 501])('%i is an answer for good', async (status) => {
  await using server = await startHostileServer(refuse(status, 'nope', 'You may not'))

  const failure = openImpatient().send({ http: 'GET', url: `${server.url}/x` })

  await expect(failure).rejects.toMatchObject({
    message: `You may not (HTTP ${status} nope)`,
    refusal: { status, reason: 'nope' },
  })
  expect(server.seen).toHaveLength(1)
})

test.each([
  { http: 'POST', path: '/o', times: 1 },
  { http: 'PUT', path: '/o', times: 1 },
  { http: 'POST', path: '/o?ifGenerationMatch=0', times: 2 },
  { http: 'POST', path: '/instances?a=b&requestId=7', times: 2 },
  { http: 'DELETE', path: '/o', times: 2 },
])('$http $path is sent $times times through a reset', async ({ http, path, times }) => {
  await using server = await startHostileServer(reset, answer(200))

  await openImpatient()
    .send({ http, url: server.url + path })
    .catch(() => undefined)

  expect(server.seen).toHaveLength(times)
})

test('whatever is refused for the rate is sent again: it has had no effect', async () => {
  const fault = refuse(403, 'rateLimitExceeded')
  await using server = await startHostileServer(fault, refuse(429, 'rateLimitExceeded'), answer(200))

  await openImpatient().send({ http: 'POST', url: `${server.url}/o` })

  expect(server.seen).toHaveLength(3)
})

test('the caller may say that a call is repeatable, or that it is not', async () => {
  await using server = await startHostileServer(reset, answer(200), reset, answer(200))
  const transport = openImpatient()

  await transport.send({ http: 'POST', url: `${server.url}/wait`, repeatable: true })
  const failure = transport.send({ http: 'GET', url: `${server.url}/o`, repeatable: false })

  await expect(failure).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(server.seen).toEqual(['POST /wait', 'POST /wait', 'GET /o'])
})

test('an error says how often and how long it was tried, and what came last', async () => {
  await using server = await startHostileServer(reset, refuse(503, 'backendError', 'Try later'))
  const transport = openImpatient({ retry: { baseMs: 50, capMs: 50, budgetMs: 200 } })

  const failure = await transport.send({ http: 'GET', url: `${server.url}/x` }).catch((error) => error)

  expect(failure.message).toMatch(
    /^no usable answer in \d+ tries over 0\.\d s; the last: Try later \(HTTP 503 backendError\)$/,
  )
  expect(failure.refusal).toMatchObject({ status: 503 })
  expect(failure.message).toContain(`${server.seen.length} tries`)
})

test('a server that never answers ends by the deadline of each try and the budget of all', async () => {
  await using server = await startHostileServer(hang)
  const transport = openImpatient({ deadlineMs: 50, retry: { baseMs: 1, capMs: 1, budgetMs: 120 } })

  const failure: CallFailure = await transport
    .send({ http: 'GET', url: `${server.url}/x` })
    .catch((error) => error)

  expect(failure.code).toBe('timeout')
  expect(failure.message).toContain('no complete answer within 0.05 s')
  expect(server.seen.length).toBeGreaterThan(1)
})

test('where nothing listens, a few tries are enough', async () => {
  const server = await startHostileServer(hang)
  await server[Symbol.asyncDispose]()

  const asked: string[] = []
  const transport = openImpatient({ onRequest: ({ url }) => asked.push(url) })

  const failure = transport.send({ http: 'GET', url: server.url })

  await expect(failure).rejects.toThrow(/^connect ECONNREFUSED .*\(ECONNREFUSED\)$/)
  expect(asked).toHaveLength(4)
})

test('a call that is aborted ends at once with the reason, also between tries', async () => {
  const reason = new Error('the user went home')
  await using deaf = await startHostileServer(hang)
  await using failing = await startHostileServer(refuse(503, 'backendError'))
  const transport = openImpatient({ deadlineMs: 60_000, retry: { baseMs: 1e6, capMs: 1e6, budgetMs: 1e9 } })

  for (const { url } of [deaf, failing]) {
    const controller = new AbortController()
    const failure = transport.send({ http: 'GET', url, signal: controller.signal })
    await sleep(50)
    controller.abort(reason)
    await expect(failure).rejects.toBe(reason)
  }
})

test('a refused token is replaced once, whatever the call', async () => {
  const used: (string | undefined)[] = []
  await using server = await startHostileServer((request, response) => {
    used.push(request.headers.authorization)
    refuse(401, 'authError')(request, response)
  })
  let count = 0
  const tokens: Tokens = { get: async () => `token${count}`, drop: () => void count++ }

  const failure = openImpatient({ tokens }).send({ http: 'POST', url: server.url, body: '{}' })

  await expect(failure).rejects.toMatchObject({ refusal: { status: 401 } })
  expect(used).toEqual(['Bearer token0', 'Bearer token1'])
})

test('a redirect is not followed: it would take the token along', async () => {
  await using server = await startHostileServer(answer(302, {}, { location: 'http://127.0.0.1:9/' }))

  await expect(openImpatient().send({ http: 'GET', url: server.url })).rejects.toThrow('HTTP 302')
})

test('a body that comes slowly may take any time, and so may its reader', async () => {
  await using server = await startHostileServer(async (_, response) => {
    for (let index = 0; index < 8; index++) {
      response.write(`${index}`)
      await sleep(30)
    }
    response.end()
  })

  const { body } = await openImpatient().open({ http: 'GET', url: server.url })
  let text = ''
  for await (const chunk of body) {
    if (text === '') await sleep(200)
    text += new TextDecoder().decode(chunk)
  }

  expect(text).toBe('01234567')
})

test.each([
  { what: 'stalls', fault: hangInBody, code: 'timeout' },
  { what: 'ends early', fault: truncate, code: 'UND_ERR_SOCKET' },
])('a streamed body that $what fails after what came', async ({ fault, code }) => {
  await using server = await startHostileServer(fault)

  const { body } = await openImpatient().open({ http: 'GET', url: server.url })
  let length = 0
  const read = async () => {
    for await (const chunk of body) length += chunk.length
  }

  await expect(read()).rejects.toMatchObject({ code })
  expect(length).toBe(5)
})

test('a streamed body that nobody reads on the other side fails by the stall time', async () => {
  await using server = await startHostileServer(() => undefined)
  const endless = async function* () {
    for (;;) yield new Uint8Array(1 << 20)
  }

  const failure = openImpatient().send({ http: 'PUT', url: server.url, body: endless })

  await expect(failure).rejects.toMatchObject({ code: 'timeout' })
})

test('a streamed body begins afresh with every try', async () => {
  const bodies: string[] = []
  await using server = await startHostileServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      bodies.push(text)
      response.writeHead(bodies.length < 3 ? 503 : 200).end()
    })
  })
  const body = async function* () {
    yield new TextEncoder().encode('one ')
    yield new TextEncoder().encode('two')
  }

  await openImpatient().send({ http: 'PUT', url: server.url, body, repeatable: true })

  expect(bodies).toEqual(['one two', 'one two', 'one two'])
})
