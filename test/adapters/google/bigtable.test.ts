import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openBigtable } from '../../../adapters/google/bigtable.ts'
import { shareTokens } from '../../../adapters/google/tokens.ts'

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** A server that speaks gRPC as it is told, however badly. */
async function startServer(...handlers: readonly Handler[]) {
  const seen: IncomingHttpHeaders[] = []
  const server = createServer()
  server.on('stream', (stream, headers) => {
    stream.resume()
    stream.on('error', () => undefined)
    stream.on('end', () => {
      const handle = handlers[Math.min(seen.length, handlers.length - 1)]
      seen.push(headers)
      handle?.(stream, headers)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, seen, [Symbol.asyncDispose]: async () => void server.close() }
}

/** The end alone, as a server refuses. */
const refuse = (code: number, message: string): Handler => {
  return (stream) =>
    stream.respond(
      { ':status': 200, 'grpc-status': String(code), 'grpc-message': message },
      { endStream: true },
    )
}

/** Messages in pieces of three bytes, and then the end. */
const answer = (code: number, ...messages: readonly Buffer[]): Handler => {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }))
    for (const message of messages) {
      const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])
      for (let at = 0; at < frame.length; at += 3) stream.write(frame.subarray(at, at + 3))
    }
    stream.end()
  }
}

/** An entry of an answer: the row's number and its status. */
function entry(index: number, code: number): Buffer {
  const inner = Buffer.from([0x08, index, 0x12, 2, 0x08, code])
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner])
}

const rows = ['a', 'b', 'c'].map((key, line) => ({
  key: Buffer.from(key),
  cells: [{ column: Buffer.from('v'), value: Buffer.from('1') }],
  line,
}))

function open(origin: string) {
  let minted = 0
  const tokens = shareTokens(async () => ({ value: `token-${++minted}`, expiresAt: Date.now() + 3_600_000 }))
  const place = { project: 'p', instance: 'serving', table: 'scores', family: 's' }
  return openBigtable(place, { origin, tokens, userAgent: 'test/1', signal: new AbortController().signal })
}

test('each row has its own end: stored, to be tried again, refused', async () => {
  await using server = await startServer(answer(0, entry(1, 14), entry(0, 0), entry(2, 3)))
  using table = open(server.origin)
  expect(await table.write(rows, 1000)).toEqual({
    again: [rows[1]],
    passing: 'gRPC status 14',
    refused: [{ row: rows[2], why: 'gRPC status 3' }],
  })
  expect(server.seen[0]).toMatchObject({
    ':path': '/google.bigtable.v2.Bigtable/MutateRows',
    authorization: 'Bearer token-1',
    'x-goog-request-params': 'table_name=projects%2Fp%2Finstances%2Fserving%2Ftables%2Fscores',
    'user-agent': 'test/1',
  })
})

test('rows that an answer did not come to are to be tried again', async () => {
  await using server = await startServer(answer(14, entry(0, 0)))
  using table = open(server.origin)
  expect(await table.write(rows, 1000)).toMatchObject({ again: [rows[1], rows[2]], refused: [] })
})

test.each([
  [
    refuse(7, 'denied'),
    'permission',
    /denied \(gRPC 7\)\..*bigtable\.tables\.mutateRows, as in roles\/bigtable\.user/,
  ],
  [
    refuse(5, 'table%20not%20found'),
    'not-found',
    /bigtable:\/\/serving\/scores: table not found .*createtable scores/,
  ],
  [refuse(14, 'away'), 'unknown', /away/],
  [refuse(8, 'slower'), 'busy', /slower/],
  [((stream) => stream.respond({ ':status': 503 }, { endStream: true })) as Handler, 'unknown', /HTTP 503/],
  [((stream) => stream.destroy()) as Handler, 'unknown', /gRPC 14/],
])('%#: a call that is refused or breaks off has its class', async (handler, failure, message) => {
  await using server = await startServer(handler)
  using table = open(server.origin)
  await expect(table.write(rows, 1000)).rejects.toMatchObject({
    failure,
    message: expect.stringMatching(message),
  })
})

test('a token that has ended is replaced once', async () => {
  await using server = await startServer(refuse(16, 'ended'))
  using table = open(server.origin)
  await expect(table.write(rows, 1000)).rejects.toMatchObject({ failure: 'busy' })
  await expect(table.write(rows, 1000)).rejects.toMatchObject({ failure: 'permission' })
  expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
})

test('a server that is not there is a passing failure, and so is one that goes in between', async () => {
  const server = await startServer(answer(0, entry(0, 0), entry(1, 0), entry(2, 0)))
  using table = open(server.origin)
  expect(await table.write(rows, 1000)).toEqual({ again: [], refused: [] })
  using absent = open('http://127.0.0.1:1')
  await expect(absent.write(rows, 1000)).rejects.toMatchObject({
    failure: 'unknown',
    message: expect.stringMatching(/ECONNREFUSED/),
  })
  await server[Symbol.asyncDispose]()
})
