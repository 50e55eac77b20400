import { runObjects } from '../core/depot.ts'
import type { Clock, Objects } from '../core/world.ts'
import type { Self } from './metadata.ts'

const intervalMs = 30_000

/**
 * Whether someone else has ended this attempt: a controller that gave up and then died cannot delete the machine any
 * more. Not knowing is no.
 */
export async function isSealed(objects: Objects, { run, attempt }: Self): Promise<boolean> {
  const result = await objects.stat(runObjects.result(run, attempt)).catch(() => undefined)
  return result !== undefined
}

/** Resolves to true when the attempt is sealed; to false when the signal aborts. */
export async function watchSeal(
  objects: Objects,
  self: Self,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal)
    if (!signal.aborted && (await isSealed(objects, self))) return true
  }
  return false
}
