import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Delivery, Order } from './worker.ts'

/** Has orders carried out, one after the other on every core. `hear` is told of each delivery. */
export async function employ(orders: Iterable<Order>, hear: (delivery: Delivery) => void): Promise<void> {
  const queue = orders[Symbol.iterator]()
  const crew = Array.from({ length: availableParallelism() }, () => attend(queue, hear))
  await Promise.all(crew)
}

async function attend(queue: Iterator<Order>, hear: (delivery: Delivery) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  try {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const order = next.value
      hear(
        await new Promise<Delivery>((resolve, reject) => {
          worker.removeAllListeners()
          worker.on('message', resolve)
          worker.on('error', reject)
          worker.postMessage(order)
        }),
      )
    }
  } finally {
    await worker.terminate()
  }
}
