import { once } from 'node:events'
import { Agent, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, getCACertificates } from 'node:tls'
import { makeCertificates } from './certificates.ts'
import { writeCredentials } from './credentials.ts'
import { forward } from './forward.ts'
import { isGoogle, readTarget } from './hosts.ts'
import { keepFile, replaceFile } from './kept-file.ts'
import { confirm, openTunnel, refuse } from './tunnel.ts'

export interface ProxyOptions {
  /** Address of the emulator, `http://127.0.0.1:PORT`. */
  readonly cloud: string
  readonly stateDir: string
  /** Serves a connection that was meant for one of Google's hosts and came as far as HTTP. */
  readonly accept: (connection: Duplex) => void
}

/** What points unmodified programs at the local cloud: a proxy, whom to trust, and an account. */
export interface HttpProxy {
  /** `http://127.0.0.1:PORT`, for HTTPS_PROXY. */
  readonly url: string
  /** What this computer trusts and the local cloud's own authority, for SSL_CERT_FILE. */
  readonly caFile: string
  /** The key file of a service account, for GOOGLE_APPLICATION_CREDENTIALS. */
  readonly credentialsFile: string
}

/** An HTTP proxy on 127.0.0.1 behind which Google's APIs are the local cloud, and everything else is itself. */
export async function openProxy({
  cloud,
  stateDir,
  accept,
}: ProxyOptions): Promise<HttpProxy & AsyncDisposable> {
  const directory = join(stateDir, 'proxy')
  const [{ key, certificate, authority }, credentialsFile] = await Promise.all([
    keepFile(join(directory, 'certificates.json'), makeCertificates),
    writeCredentials(directory, cloud),
  ])
  const caFile = join(directory, 'ca.pem')
  replaceFile(caFile, [...new Set([...listTrusted(), authority.trim()])].join('\n').concat('\n'))

  const google = createTlsServer({ key, cert: certificate, ALPNProtocols: ['http/1.1'] }, accept)
  google.on('tlsClientError', (_, socket) => socket.destroy())
  const agent = new Agent({ keepAlive: true })
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    forward(request, response, cloud, agent)
  })
  const sockets = new Set<Duplex>()
  const keep = (socket: Duplex) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Its end is seen by whoever reads from it.
    socket.on('error', () => socket.destroy())
  }
  server.on('connection', keep)
  server.on('connect', ({ url = '' }, client: Socket, head) => {
    const target = readTarget(url)
    if (target === undefined) return refuse(client, 400, `CONNECT expects host:port, and got "${url}".\n`)
    if (!isGoogle(target.host)) return keep(openTunnel(client, head, target))
    confirm(client, head)
    if (target.port === 443) google.emit('connection', client)
    else accept(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caFile,
    credentialsFile,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      agent.destroy()
      await closed
    },
  }
}

/** As this computer has it set up; Node's own list where it has none. */
function listTrusted(): readonly string[] {
  const system = getCACertificates('system')
  const trusted = system.length > 0 ? system : getCACertificates('bundled')
  return [...trusted, ...getCACertificates('extra')].map((certificate) => certificate.trim())
}
