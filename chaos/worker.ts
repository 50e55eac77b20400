import { parentPort } from 'node:worker_threads'
import { type Boundaries, playTrouble, type Trouble } from './boundaries.ts'
import type { Violation } from './checks/promised.ts'
import { playSeeds, type Series, type Tally } from './seeds.ts'

/** What a worker thread is asked for. */
export type Order =
  | { readonly is: 'seeds'; readonly series: Series }
  | { readonly is: 'troubles'; readonly does: Boundaries; readonly troubles: readonly Trouble[] }

/** What it answers. */
export type Delivery =
  | { readonly is: 'seeds'; readonly tally: Tally }
  | { readonly is: 'troubles'; readonly played: number; readonly broken: readonly Broken[] }

/** A trouble that broke a promise. */
interface Broken {
  readonly trouble: Trouble
  readonly violations: readonly Violation[]
}

async function carryOut(order: Order): Promise<Delivery> {
  if (order.is === 'seeds') return { is: 'seeds', tally: await playSeeds(order.series) }
  const broken: Broken[] = []
  for (const trouble of order.troubles) {
    const violations = await playTrouble(order.does, trouble)
    if (violations.length > 0) broken.push({ trouble, violations })
  }
  return { is: 'troubles', played: order.troubles.length, broken }
}

parentPort?.on('message', async (order: Order) => parentPort?.postMessage(await carryOut(order)))
