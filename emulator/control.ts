import type { Fault } from './faults.ts'
import { controlPrefix, type Route } from './http.ts'
import type { HttpProxy } from './proxy/proxy.ts'
import { route } from './routing.ts'
import type { Server } from './server.ts'

/** What a test does to an emulator in its own process, for emulators in another one. */
export function controlRoutes(server: Server, openProxy: () => Promise<HttpProxy>): Route[] {
  return [
    route('mayfly.health', 'GET', `${controlPrefix}health`, () => ({ json: { ok: true } })),
    route('mayfly.requests', 'GET', `${controlPrefix}requests`, () => ({ json: server.requests() })),
    route('mayfly.faults', 'POST', `${controlPrefix}faults`, async (call) => {
      for (const fault of await call.json<readonly Fault[]>()) server.inject(fault)
      return {}
    }),
    route('mayfly.proxy', 'POST', `${controlPrefix}proxy`, async () => {
      const { url, caFile, credentialsFile } = await openProxy()
      return { json: { url, caFile, credentialsFile } }
    }),
  ]
}
