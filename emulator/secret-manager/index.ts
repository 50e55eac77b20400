import type { Service } from '../http.ts'
import { type Gate, secretRoutes } from './routes.ts'
import { openStore } from './store.ts'

/** Secret Manager, by its REST API. Opens what is kept in `folder`, or begins there. */
export function openSecretManager(folder: string, now: () => number, gate: Gate): Service {
  return { routes: secretRoutes(openStore(folder, now), gate), async [Symbol.asyncDispose]() {} }
}
