import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BrokenOff, breakAfter, stallAt } from './bodies.ts'
import { type Cut, discard, endCall } from './endings.ts'
import { GoogleError, replyTo } from './errors.ts'
import { type Fault, type FaultKind, openFaults } from './faults.ts'
import { type Call, controlPrefix, makeCall, type Reply, type RequestRecord, type Route } from './http.ts'
import { makeRouter } from './routing.ts'

/** The HTTP server under all services. */
export interface Server extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Sets the routes; until then every path is unknown. */
  mount(routes: readonly Route[], faultOf?: FaultOf): void
  /** Serves a connection that came another way, as through a proxy. */
  accept(connection: Duplex): void
  inject(fault: Fault): void
  requests(): readonly RequestRecord[]
}

/** The fault that a request asks for itself. */
type FaultOf = (name: string, call: Call) => FaultKind | undefined

/**
 * Told of every request, as `before` its effect and `after` it, when its reply is ready; what it returns is waited for.
 * `lose` resets the connection at that moment.
 */
export type OnRequest = (
  record: RequestRecord,
  moment: 'before' | 'after',
) => Promise<'lose' | undefined> | 'lose' | undefined

/** Listens on 127.0.0.1; port 0 takes a free one. */
export async function openServer(
  port: number,
  now: () => number,
  onRequest: OnRequest = () => undefined,
): Promise<Server> {
  let find = makeRouter([])
  let faultOf: FaultOf = () => undefined
  const log: RequestRecord[] = []
  const faults = openFaults()

  async function answer(request: IncomingMessage, response: ServerResponse) {
    // Not new URL(path, base): a path that begins with two slashes would be taken for a host.
    const host = request.headers.host ?? `127.0.0.1:${request.socket.localPort}`
    const url = new URL(`${'encrypted' in request.socket ? 'https' : 'http'}://${host}${request.url}`)
    const method = request.method ?? 'GET'
    const match = find(method, url.pathname)
    const call = makeCall({
      method,
      url,
      params: match?.params ?? {},
      headers: request.headers,
      body: request,
    })
    const act = (each: Call) => settle(match?.route ?? unknown, each)
    if (url.pathname.startsWith(controlPrefix)) return send(response, await act(call))

    const name = match?.route.name ?? 'unknown'
    const record: RequestRecord = {
      id: log.length + 1,
      name,
      method,
      path: url.pathname,
      query: url.search,
      userAgent: request.headers['user-agent'] ?? '',
      time: now(),
    }
    log.push(record)
    if ((await onRequest(record, 'before')) === 'lose') return void request.socket.resetAndDestroy()
    const fault = faultOf(name, call) ?? faults.take(name, url.pathname + url.search)
    const ending = await endCall(call, fault, act)
    const lost = (await onRequest(record, 'after')) === 'lose'
    if (lost && ending.kind === 'reply') discard(ending.reply)
    if (lost || ending.kind === 'reset') request.socket.resetAndDestroy()
    if (lost || ending.kind !== 'reply') return
    record.status = statusOf(ending.reply)
    await send(response, ending.reply, ending.cut)
  }

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    // A client that goes away in the middle ends its own request only.
    answer(request, response).catch(() => request.socket.destroy())
    // What a handler left of a body, even half-way through an iterator, has to be read away: until then a client that is
    // still sending does not see the reply, nor may it use the connection again.
    response.on('finish', () => request.removeAllListeners('readable').resume())
    // Clients take the time from the reply, so it has to be that of this clock.
    response.setHeader('date', new Date(now()).toUTCString())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as AddressInfo).port

  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    mount(routes, takeFault) {
      find = makeRouter(routes)
      faultOf = takeFault ?? faultOf
    },
    accept: (connection) => void server.emit('connection', connection),
    inject: faults.inject,
    requests: () => log,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

const unknown: Pick<Route, 'handle'> = {
  handle({ method, url }) {
    const message = `The emulator does not know ${method} ${url.pathname}`
    throw new GoogleError(501, 'notImplemented', message, { status: 'UNIMPLEMENTED' })
  },
}

async function settle({ handle }: Pick<Route, 'handle'>, call: Call): Promise<Reply> {
  try {
    return await handle(call)
  } catch (error) {
    if (error instanceof GoogleError) return replyTo(error)
    if (call.body.errored || error instanceof BrokenOff) throw error
    console.error(`emulator: ${call.method} ${call.url.pathname}:`, error)
    return replyTo(new GoogleError(500, 'internalError', (error as Error).message))
  }
}

function statusOf({ status, json, body }: Reply): number {
  return status ?? (json === undefined && body === undefined ? 204 : 200)
}

async function send(response: ServerResponse, reply: Reply, cut?: Cut): Promise<void> {
  const { headers, json } = reply
  const body = json === undefined ? reply.body : JSON.stringify(json)
  const type = json === undefined ? undefined : { 'content-type': 'application/json; charset=UTF-8' }
  if (body instanceof Readable) {
    response.writeHead(statusOf(reply), { ...headers })
    return cut
      ? sendCut(response, body, Number(headers?.['content-length'] ?? 0), cut)
      : pipeline(body, response)
  }
  const bytes = Buffer.from(body ?? '')
  response.writeHead(statusOf(reply), { ...type, 'content-length': bytes.length, ...headers })
  if (cut) return sendCut(response, Readable.from([bytes], { objectMode: false }), bytes.length, cut)
  response.end(bytes)
}

async function sendCut(response: ServerResponse, body: Readable, length: number, cut: Cut): Promise<void> {
  const { atBytes = Math.floor(length / 2), pauseMs } = cut
  response.flushHeaders()
  if (pauseMs !== undefined && Number.isFinite(pauseMs))
    return pipeline(stallAt(body as AsyncIterable<Buffer>, atBytes, pauseMs), response)
  try {
    for await (const part of breakAfter(body as AsyncIterable<Buffer>, atBytes))
      await new Promise((resolve) => response.write(part, resolve))
  } catch (error) {
    if (!(error instanceof BrokenOff)) throw error
  }
  if (pauseMs === undefined) response.socket?.destroySoon()
}
