import { readRecent, recentPrefix, runPath } from './depot.ts'
import type { Objects } from './world.ts'

/** An attempt that was opened. */
export interface OpenedAttempt {
  /** `runs/<batch>/<id>` */
  readonly run: string
  readonly number: number
  /** Milliseconds since the epoch, on Google's clock. */
  readonly opened: number
}

/**
 * Attempts of a batch, the newest first, without those of a run that are older than one that has come already. Two clocks
 * may have put those of one run in another order: then a newer one follows.
 */
export async function* listRecent(
  objects: Objects,
  batch: string,
  pageSize: number,
): AsyncIterable<OpenedAttempt> {
  const last = new Map<string, number>()
  for await (const { name, created } of objects.list(recentPrefix(batch), { pageSize })) {
    const entry = readRecent(name)
    const run = runPath(batch, entry?.id ?? '')
    if (entry === undefined || entry.number <= (last.get(run) ?? 0)) continue
    last.set(run, entry.number)
    yield { run, number: entry.number, opened: created }
  }
}
