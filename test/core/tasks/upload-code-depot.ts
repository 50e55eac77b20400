import { expect } from 'vitest'
import { openObjects } from '../../../adapters/google/storage.ts'
import { noTokens } from '../../../adapters/google/tokens.ts'
import { openTransport } from '../../../adapters/google/transport.ts'
import type { Objects } from '../../../core/world.ts'
import { type Emulator, startEmulator } from '../../../emulator/index.ts'

/** A bucket of the local Google Cloud, by the client that the doors use. */
export interface Depot extends AsyncDisposable {
  readonly emulator: Emulator
  readonly objects: Objects
  /** Every object: its name and generation. */
  list(): Promise<Readonly<Record<string, string>>>
}

export const bucket = 'acme-mayfly'

/** Ends by asking whether everything that was asked for is known to the local Google Cloud. */
export async function openDepot(): Promise<Depot> {
  const emulator = await startEmulator()
  await fetch(`${emulator.url}/storage/v1/b?project=acme-ml`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: bucket }),
  })
  const retry = { baseMs: 1, capMs: 1, budgetMs: 500 }
  const transport = openTransport({ tokens: noTokens, userAgent: 'mayfly/test', retry })
  const objects = openObjects(bucket, { endpoint: emulator.url, transport })
  return {
    emulator,
    objects,
    async list() {
      const all: Record<string, string> = {}
      for await (const { name, generation } of objects.list('')) all[name] = generation
      return all
    },
    async [Symbol.asyncDispose]() {
      expect(emulator.unknown()).toEqual([])
      await emulator[Symbol.asyncDispose]()
    },
  }
}
