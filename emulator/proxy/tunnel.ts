import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Target } from './hosts.ts'
import { explainRefusal } from './refusal.ts'

/** The line after which the bytes are the client's own affair: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
const established = 'HTTP/1.1 200 Connection established\r\n\r\n'

/** Says to a client that the tunnel is there; what it sent already comes first. */
export function confirm(client: Duplex, head: Buffer): void {
  client.write(established)
  if (head.length > 0) client.unshift(head)
}

/** Connects a client with the host that it asked for, until either ends. Gives the other end. */
export function openTunnel(client: Duplex, head: Buffer, target: Target): Duplex {
  const upstream = connect(target.port, target.host)
  let connected = false
  upstream.once('connect', () => {
    connected = true
    confirm(client, head)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', (error) => {
    if (connected) client.destroy()
    else refuse(client, 502, explainRefusal(target, error))
  })
  // A half that ends is ended by the pipe; an end that is gone takes the other with it, once that has its last bytes.
  upstream.once('close', () => client.end())
  client.once('close', () => upstream.destroy())
  return upstream
}

/** Answers a CONNECT with an error and ends. */
export function refuse(client: Duplex, status: 400 | 502, reason: string): void {
  const head = `HTTP/1.1 ${status} ${status === 400 ? 'Bad Request' : 'Bad Gateway'}`
  const headers = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(reason)}\r\nconnection: close`
  client.end(`${head}\r\n${headers}\r\n\r\n${reason}`)
}
