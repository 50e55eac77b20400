import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { isGoogle } from './hosts.ts'
import { explainRefusal } from './refusal.ts'

/** Meant for the proxy, not for who is behind it: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const ownHeaders = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'upgrade']

/** Does a plain request (`GET http://host/path`) for a client; for Google's hosts, the local cloud answers. */
export function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  cloud: string,
  agent: Agent,
): void {
  const url = readUrl(incoming.url)
  if (url === undefined) {
    answer(response, 400, expectation)
    return
  }
  const place = isGoogle(url.hostname) ? new URL(cloud) : url
  const target = { host: place.hostname.replace(/^\[|\]$/g, ''), port: Number(place.port || 80) }
  const headers = Object.entries(incoming.headers).filter(([name]) => !ownHeaders.includes(name))
  const outgoing = request({
    ...target,
    agent,
    method: incoming.method,
    path: url.pathname + url.search,
    headers: { ...Object.fromEntries(headers), host: url.host },
  })
  outgoing.once('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.rawHeaders)
    pipeline(reply, response, () => {})
  })
  // Not pipeline: it would destroy the client's connection before the reason is told.
  outgoing.on('error', (error) => {
    if (response.headersSent) response.destroy()
    else answer(response, 502, explainRefusal(target, error))
  })
  response.once('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

const expectation = `This is a proxy: it expects CONNECT host:port, or an http:// URL in place of the path.\n`

function readUrl(text = ''): URL | undefined {
  return text.startsWith('http://') && URL.canParse(text) ? new URL(text) : undefined
}

function answer(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(reason)
}
