import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, type BatchOptions, openBatch } from './batch/batch.ts'
import { realClock } from './compute/clock.ts'
import { type Compute, type ComputeOptions, openCompute } from './compute/compute.ts'
import { controlRoutes } from './control.ts'
import type { Fault } from './faults.ts'
import type { RequestRecord, Service } from './http.ts'
import { projectRoutes } from './projects.ts'
import type { HttpProxy } from './proxy/proxy.ts'
import { openSecretManager } from './secret-manager/index.ts'
import { type OnRequest, openServer } from './server.ts'
import { openStorage } from './storage/index.ts'
import type { Denial } from './storage/permissions.ts'
import { tokenRoutes } from './token.ts'

export interface EmulatorOptions {
  /** Where everything is kept; an emulator started there later goes on with it. Default: fresh, removed at the end. */
  readonly stateDir?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** The clock, in milliseconds since 1970. Default: the real one. */
  readonly now?: () => number
  readonly compute?: ComputeOptions
  readonly batch?: BatchOptions
  /** Sees every request and may hold it, or lose it. */
  readonly onRequest?: OnRequest
}

/** A small Google Cloud on 127.0.0.1. */
export interface Emulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; every product's path begins here. */
  readonly url: string
  readonly port: number
  readonly stateDir: string
  /** All that was asked, oldest first. */
  requests(): readonly RequestRecord[]
  /** What was asked and is not built here; each was answered 501. */
  unknown(): readonly RequestRecord[]
  inject(fault: Fault): void
  /** Takes a permission on a bucket away from every caller, as long as this emulator runs. */
  deny(denial: Denial): void
  /** Says of an API, such as `compute.googleapis.com`, that it is not enabled, in any project. */
  disable(service: string): void
  readonly compute: Compute
  readonly batch: Batch
  /** Opens the proxy that points unmodified programs at this cloud, if it is not open yet. */
  openProxy(): Promise<HttpProxy>
}

/** Starts the local Google Cloud: one port for every product, state on disk. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now
  await using starting = new AsyncDisposableStack()
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'mayfly-emulator-')))
  if (!options.stateDir) starting.defer(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5 }))
  await mkdir(stateDir, { recursive: true })

  const server = starting.use(await openServer(options.port ?? 0, now, options.onRequest))
  const storage = starting.use(await openStorage(join(stateDir, 'storage'), now))
  let proxy: Promise<HttpProxy & AsyncDisposable> | undefined
  starting.defer(async () => (await proxy?.catch(() => undefined))?.[Symbol.asyncDispose]())
  const reachProxy = () => {
    proxy ??= open()
    return proxy
  }
  // Loaded when asked for, as it is made: most emulators need none.
  async function open() {
    const { openProxy } = await import('./proxy/proxy.ts')
    return openProxy({ cloud: server.url, stateDir, accept: server.accept })
  }
  const compute = starting.use(
    await openCompute(
      stateDir,
      { cloud: server.url, openProxy: async () => (await reachProxy()).url },
      { clock: { ...realClock, now }, ...options.compute },
    ),
  )
  const batch = starting.use(
    openBatch(stateDir, server.url, compute, { clock: { ...realClock, now }, ...options.batch }),
  )
  const disabled = new Set<string>()
  const secrets = openSecretManager(join(stateDir, 'secrets'), now, {
    isAllowed: compute.isAllowed,
    isEnabled: (service) => !disabled.has(service),
  })
  const services: readonly Service[] = [storage, compute, batch, secrets]
  const routes = [
    ...controlRoutes(server, reachProxy),
    ...tokenRoutes(),
    ...projectRoutes({ isAllowed: compute.isAllowed, disabled }),
    ...services.flatMap((service) => service.routes),
  ]
  server.mount(routes, storage.takeFault)

  const running = starting.move()
  return {
    url: server.url,
    port: server.port,
    stateDir,
    requests: server.requests,
    unknown: () => server.requests().filter(({ name }) => name === 'unknown'),
    inject: server.inject,
    deny: storage.deny,
    disable: (service) => void disabled.add(service),
    compute,
    batch,
    openProxy: reachProxy,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
