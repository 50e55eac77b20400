import { setTimeout as sleep } from 'node:timers/promises'
import { type Endpoint, isAlive, readEndpoint } from './endpoint.ts'
import { takeLock } from './lock.ts'

export type Status = { readonly running: false } | ({ readonly running: true } & Endpoint)

/** Who serves a state directory, if anybody does. */
export function readStatus(stateDir: string): Status {
  if (isFree(stateDir)) return { running: false }
  const endpoint = readEndpoint(stateDir)
  // A process that is only starting has no address yet.
  return endpoint && isAlive(endpoint) ? { running: true, ...endpoint } : { running: false }
}

/** A virtual machine that is only booting hears of its end when it is up. */
const patienceMs = 120_000
const pollMs = 20

/** Ends the process that serves a state directory, with its machines, and waits until it is gone. */
export async function stop(stateDir: string): Promise<{ readonly stopped: boolean }> {
  const status = readStatus(stateDir)
  if (!status.running) return { stopped: false }
  process.kill(status.pid, 'SIGTERM')
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    if (isFree(stateDir)) return { stopped: true }
    await sleep(pollMs)
  }
  throw new Error(`The local cloud (process ${status.pid}) does not end; kill -9 ${status.pid} will.`)
}

function isFree(stateDir: string): boolean {
  using lock = takeLock(stateDir)
  return lock !== undefined
}
