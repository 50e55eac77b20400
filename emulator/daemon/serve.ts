import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Emulator, startEmulator } from '../index.ts'
import { type Endpoint, isAlive, readEndpoint, writeEndpoint } from './endpoint.ts'
import { watchIdle } from './idle.ts'
import { takeLock } from './lock.ts'

export interface ServeOptions {
  readonly stateDir: string
  /** Default: the one that it had the last time, if that is free. */
  readonly port?: number
  /** Ends by itself after so many seconds without a request and without a machine. Default: never. */
  readonly idleSeconds?: number
  /** Aborts when the process shall end. */
  readonly signal: AbortSignal
  /** A bucket that is there before anybody is told of the cloud. */
  readonly bucket: { readonly project: string; readonly name: string }
  /** Told once, as soon as the cloud answers. */
  readonly announce: (serving: Serving) => void
}

/** Who serves a state directory; `started` when it is this very process. */
interface Serving extends Endpoint {
  readonly started: boolean
}

const patienceMs = 15_000
const pollMs = 50

/** Serves a state directory until the signal aborts, unless another process does it already: then that one is announced. */
export async function serve(options: ServeOptions): Promise<void> {
  const { stateDir, bucket, announce } = options
  const end = Date.now() + patienceMs
  while (Date.now() < end) {
    using lock = takeLock(stateDir)
    // Awaited here: the lock falls at the end of this block.
    if (lock) return await serveAlone(options)
    const endpoint = readEndpoint(stateDir)
    // An address of a dead process is old: whoever has the lock has not written its own yet.
    if (endpoint && isAlive(endpoint) && (await makeBucket(endpoint.url, bucket)))
      return announce({ ...endpoint, started: false })
    await sleep(pollMs)
  }
  throw new Error(`Another process has ${stateDir} and does not answer.`)
}

async function serveAlone({ stateDir, port, idleSeconds, signal, bucket, announce }: ServeOptions) {
  await using emulator = await startAt(stateDir, port)
  await makeBucket(emulator.url, bucket)
  const endpoint = { url: emulator.url, port: emulator.port, pid: process.pid }
  writeEndpoint(stateDir, endpoint)
  announce({ ...endpoint, started: true })
  const idle = idleSeconds === undefined ? [] : [watchIdle(emulator, idleSeconds * 1000, signal)]
  await Promise.race([...idle, once(signal)])
}

/** At the port of the time before, so that what was told of it stays true: in a shell's environment, on a machine. */
async function startAt(stateDir: string, port: number | undefined): Promise<Emulator> {
  const options = { stateDir: join(stateDir, 'google') }
  try {
    return await startEmulator({ ...options, port: port ?? readEndpoint(stateDir)?.port ?? 0 })
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return startEmulator(options)
  }
}

/** Whether the cloud answered: also that it has the bucket already. The request counts as use, so that it stays. */
async function makeBucket(url: string, { project, name }: ServeOptions['bucket']): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/storage/v1/b?project=${encodeURIComponent(project)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // As Google's own documentation would have it.
      body: JSON.stringify({ name, iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }),
      signal: AbortSignal.timeout(2000),
    })
    return status === 200 || status === 409
  } catch {
    return false
  }
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
