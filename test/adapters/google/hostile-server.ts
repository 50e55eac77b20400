import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HostileServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Method and path with query of every request, oldest first. */
  readonly seen: readonly string[]
}

/** What a server does with its n-th request, from 0; the last handler takes all that follow. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server on 127.0.0.1 that answers as it is told, however badly. */
export async function startHostileServer(...handlers: readonly Handler[]): Promise<HostileServer> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const handle = handlers[Math.min(seen.length, handlers.length - 1)]
    seen.push(`${request.method} ${request.url}`)
    handle?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Answers with JSON. */
export function answer(status: number, json: unknown = {}, headers: Record<string, string> = {}): Handler {
  return (request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(json))
    })
  }
}

/** Answers as Google's APIs refuse. */
export function refuse(status: number, reason: string, message = `because of ${reason}`): Handler {
  return answer(status, { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } })
}

/** Takes the request and never answers. */
export const hang: Handler = (request) => {
  request.resume()
}

/** Answers with a status and a length, and then sends half of the body and no more. */
export const hangInBody: Handler = (request, response) => {
  request.resume()
  response.writeHead(200, { 'content-length': 10 })
  response.write('12345')
}

/** Resets the connection. */
export const reset: Handler = (request) => {
  request.socket.resetAndDestroy()
}

/** Sends half of the body and closes the connection. */
export const truncate: Handler = (request, response) => {
  request.resume()
  response.writeHead(200, { 'content-length': 10 })
  response.write('12345', () => response.socket?.end())
}
