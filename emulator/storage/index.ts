import { controlPrefix, type Service } from '../http.ts'
import { route } from '../routing.ts'
import { openBackend } from './backend.ts'
import { bucketRoutes } from './buckets.ts'
import { composeRoutes } from './compose.ts'
import { copyRoutes } from './copies.ts'
import { objectRoutes } from './objects.ts'
import type { Denial } from './permissions.ts'
import { resumableRoutes } from './resumable.ts'
import { openRetryTests, type RetryTests } from './retry-tests.ts'
import { uploadRoutes } from './uploads.ts'

/** Cloud Storage, by its JSON API. */
export interface Storage extends Service {
  /** From now on a caller does not have this permission on this bucket. */
  deny(denial: Denial): void
  /** The fault that a caller asked for, for this call of its own. */
  readonly takeFault: RetryTests['take']
}

/** Opens what is kept in `folder`, or begins there. `now` gives milliseconds since 1970. */
export async function openStorage(folder: string, now: () => number): Promise<Storage> {
  const backend = await openBackend(folder, now)
  const { deny } = backend.permissions
  const retryTests = openRetryTests()
  return {
    deny,
    takeFault: retryTests.take,
    routes: [
      ...retryTests.routes,
      ...bucketRoutes(backend),
      ...objectRoutes(backend),
      ...uploadRoutes(backend),
      ...resumableRoutes(backend),
      ...copyRoutes(backend),
      ...composeRoutes(backend),
      route('mayfly.denials', 'POST', `${controlPrefix}denials`, async ({ json }) => {
        for (const denial of await json<readonly Denial[]>()) deny(denial)
        return {}
      }),
    ],
    async [Symbol.asyncDispose]() {},
  }
}
