import { setTimeout as sleep } from 'node:timers/promises'
import type { Emulator } from '../index.ts'

/** Resolves after `idleMs` without a request, a machine and a job, or when the signal aborts. */
export async function watchIdle(emulator: Emulator, idleMs: number, signal: AbortSignal): Promise<void> {
  let lastUse = Date.now()
  while (!signal.aborted) {
    await sleep(Math.max(50, lastUse + idleMs - Date.now()), undefined, { signal }).catch(() => {})
    if (emulator.compute.instances().length > 0 || emulator.batch.isBusy()) lastUse = Date.now()
    else lastUse = Math.max(lastUse, emulator.requests().at(-1)?.time ?? 0)
    if (Date.now() - lastUse >= idleMs) return
  }
}
