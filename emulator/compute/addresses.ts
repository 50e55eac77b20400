import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { Instance, NetworkInterface } from './instance.ts'

/** Loopback addresses of the host, each of which stands for the external address of one machine. */
export interface Addresses {
  /** The network interfaces of an instance with an address of the host, which it has until `release`. */
  assign(instance: Instance): Promise<readonly NetworkInterface[]>
  release(instance: Pick<Instance, 'id'>): void
}

const prefix = '127.0.9.'
const last = 254

/** Holding this port says on the whole host that an address is taken; it falls with the emulator, however that dies. */
const reservedPort = 9922
const sshPort = 22

export function openAddresses(): Addresses {
  const held = new Map<string, { readonly address: string; readonly reservation: Server }>()

  async function take(id: string): Promise<string> {
    const own = held.get(id)
    if (own) return own.address
    for (let host = 1; host <= last; host++) {
      const address = `${prefix}${host}`
      const reservation = await tryListen(address, reservedPort)
      if (!reservation) continue
      // What another emulator that died left running may still listen there.
      const ssh = await tryListen(address, sshPort)
      if (ssh) {
        ssh.close()
        held.set(id, { address, reservation })
        return address
      }
      reservation.close()
    }
    throw new Error(
      `Port ${sshPort} of every address from ${prefix}1 to ${prefix}${last} is in use on this host.`,
    )
  }

  return {
    async assign({ id, networkInterfaces }) {
      if (!networkInterfaces[0]?.accessConfigs) return networkInterfaces
      const natIP = await take(id)
      return networkInterfaces.map((each, index) =>
        index > 0 || !each.accessConfigs
          ? each
          : { ...each, accessConfigs: each.accessConfigs.map((config) => ({ ...config, natIP })) },
      )
    },
    release({ id }) {
      held.get(id)?.reservation.close()
      held.delete(id)
    },
  }
}

/** The address of the host that an instance has. */
export function readAddress({ networkInterfaces }: Instance): string | undefined {
  const natIP = networkInterfaces[0]?.accessConfigs?.[0]?.natIP
  return natIP?.startsWith(prefix) ? natIP : undefined
}

async function tryListen(address: string, port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).listen(port, address)
  server.unref()
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}
