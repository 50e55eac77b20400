import { once } from 'node:events'
import { closeSync, openSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import type { Machine } from './driver.ts'

/** The host's ends of a machine's connections: sockets in its directory, which relays in its network lead to. */
export type Ports = AsyncDisposable

/** Listens for what the machine asks of its metadata server, of the cloud and of the proxy, and for SSH on its address. */
export async function openPorts({ directory, metadata, cloud, proxy, address }: Machine): Promise<Ports> {
  await using opening = new AsyncDisposableStack()
  const folder = openSync(directory, 'r')
  opening.defer(() => closeSync(folder))
  // By way of the open directory, since the path of a socket may have 107 bytes only.
  const pathOf = (name: string) => `/proc/self/fd/${folder}/${name}.sock`

  async function listen(
    server: Server,
    at: { readonly path: string } | { readonly host: string; readonly port: number },
  ) {
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    if ('path' in at) rmSync(at.path, { force: true })
    server.listen(at)
    await once(server, 'listening')
    opening.defer(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
  }

  await listen(createHttpServer(metadata), { path: pathOf('metadata') })
  await listen(openRelay(readAddress(cloud)), { path: pathOf('cloud') })
  if (proxy !== undefined) await listen(openRelay(readAddress(proxy)), { path: pathOf('proxy') })
  if (address !== undefined) await listen(openRelay({ path: pathOf('ssh') }), { host: address, port: 22 })
  const ports = opening.move()
  return { [Symbol.asyncDispose]: () => ports.disposeAsync() }
}

function readAddress(url: string): NetConnectOpts {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

/** Passes each connection on, until both sides are done. */
function openRelay(target: NetConnectOpts): Server {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true })
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
}
