import { openObjects } from '../../../adapters/google/storage.ts'
import { noTokens } from '../../../adapters/google/tokens.ts'
import { openTransport, type TransportOptions } from '../../../adapters/google/transport.ts'
import type { Objects } from '../../../core/world.ts'
import { type Emulator, startEmulator } from '../../../emulator/index.ts'

/** A transport that loses patience within a test. */
export function openImpatient(options: Partial<TransportOptions> = {}) {
  return openTransport({
    tokens: noTokens,
    userAgent: 'mayfly/0.0.0',
    retry: { baseMs: 1, capMs: 20, budgetMs: 5_000 },
    deadlineMs: 500,
    stallMs: 500,
    ...options,
  })
}

/** Any server's bucket `acme` as the adapter sees it. */
export function openBucket(url: string, options: Partial<TransportOptions> = {}): Objects {
  return openObjects('acme', { endpoint: url, transport: openImpatient(options) })
}

export interface LocalBucket extends AsyncDisposable {
  readonly google: Emulator
  readonly objects: Objects
  /** What was asked since the bucket was made: names of Google's methods. */
  asked(): readonly string[]
}

/** A fresh emulator with an empty bucket. */
export async function startBucket(options: Partial<TransportOptions> = {}): Promise<LocalBucket> {
  const google = await startEmulator()
  const made = await fetch(`${google.url}/storage/v1/b?project=p`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'acme' }),
  })
  if (!made.ok) throw new Error(await made.text())
  const before = google.requests().length
  return {
    google,
    objects: openBucket(google.url, options),
    asked: () =>
      google
        .requests()
        .slice(before)
        .map(({ name }) => name),
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
}
