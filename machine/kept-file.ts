import { randomUUID } from 'node:crypto'
import { copyFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readChecksum } from '../adapters/google/file-checksum.ts'
import { runObjects } from '../core/depot.ts'
import type { KeptFile } from '../core/protocol/checkpoints.ts'
import type { FoundFile } from './files.ts'
import type { Job } from './job.ts'

/** A file as it was kept last. */
export interface Known {
  readonly kept: KeptFile
  /** It was old enough when it was read: a change since then shows in its time. */
  readonly settled: boolean
}

/** File systems tell times in steps; a file may change twice within one. */
const settlingMs = 2000

/**
 * Keeps a file in the depot, unless it is there already: by size and time, or else by its checksum. Undefined when it
 * has gone meanwhile.
 */
export async function keepFile(
  job: Job,
  { file, path }: FoundFile,
  known: Known | undefined,
  sequence: number,
  signal: AbortSignal,
): Promise<Known | undefined> {
  const stats = await stat(file).catch(ignoreAbsence)
  if (stats === undefined) return undefined
  const { size, mtimeMs } = stats
  const mode = stats.mode & 0o777
  if (known?.settled && known.kept.size === size && known.kept.mtimeMs === mtimeMs)
    return { ...known, kept: { ...known.kept, mode } }

  const settled = mtimeMs < Date.now() - settlingMs
  const object = runObjects.checkpointFile(job.self.run, job.self.attempt, sequence, path)
  const store = async (source: string) => {
    const content = await readChecksum(source)
    const same = known?.kept.size === content.size && known.kept.crc32c === content.crc32c
    if (!same) await storeOnce(job, object, source, content.crc32c, signal)
    return { kept: { path, object: same ? known.kept.object : object, ...content, mtimeMs, mode }, settled }
  }
  try {
    return await store(file)
  } catch (error) {
    const after = await stat(file).catch(ignoreAbsence)
    if (after === undefined) return undefined
    if (signal.aborted || (after.size === size && after.mtimeMs === mtimeMs)) throw error
  }
  // Something writes to it all the time: of that, a copy is kept.
  const copy = join(job.places.tmp, `checkpoint-${randomUUID()}`)
  try {
    await copyFile(file, copy)
    return await store(copy)
  } finally {
    await rm(copy, { force: true })
  }
}

/** The checksum goes ahead: bytes that changed after it was made are refused. */
async function storeOnce(
  { objects }: Job,
  object: string,
  file: string,
  crc32c: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await objects.create(object, { file }, { crc32c, signal })) !== 'exists') return
  // Our own try, whose answer was lost; of what was in the file then.
  const stored = await objects.stat(object)
  if (stored?.crc32c !== crc32c) throw new Error(`${object} holds an earlier state of the file`)
}

/** For a file that may go at any time. */
function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
