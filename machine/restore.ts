import { createWriteStream } from 'node:fs'
import { chmod, mkdir, realpath, rename, rm, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openCrc32c } from '../core/crc32c.ts'
import { CloudError, MayflyError } from '../core/errors.ts'
import { inParallel } from '../core/parallel.ts'
import { checkpointRecord, type KeptFile, listCheckpoints } from '../core/protocol/checkpoints.ts'
import { persist } from '../core/protocol/persist.ts'
import { parseRecord, type RunRecord } from '../core/protocol/records.ts'
import { isWithin } from './files.ts'
import type { Job } from './job.ts'
import { describeFiles } from './keeper.ts'
import { emptyFolder } from './places.ts'
import { checkpointUnreadable, WorkError } from './verdicts.ts'

/** Downloads at a time. */
const width = 8

/** How long a depot that does not answer is asked: to begin from nothing instead would throw work away. */
const readingMs = 5 * 60_000

/** A checkpoint that can never be used; the one before it may be whole. */
class BrokenCheckpoint extends Error {
  override readonly name = 'BrokenCheckpoint'
}

/**
 * Puts the last whole checkpoint of the attempts before this one in its place in the work directory, or nothing when
 * there is none. Gives its files.
 */
export async function restoreCheckpoint(
  job: Job,
  { path }: NonNullable<RunRecord['checkpoint']>,
): Promise<readonly KeptFile[] | undefined> {
  const { self, log, facts, clock, deadline } = job
  const patience = { clock, signal: AbortSignal.any([deadline.stop, AbortSignal.timeout(readingMs)]) }
  for (const manifest of await persist(() => findCheckpoints(job), patience)) {
    try {
      const files = await persist(() => restore(job, manifest, path), patience)
      facts.checkpoint = { restored: manifest }
      await log.write({
        note: `Restored ${path}: ${describeFiles(files)}, from ${nameAttempt(manifest, self)}`,
      })
      return files
    } catch (error) {
      if (deadline.stop.aborted) throw error
      if (!(error instanceof BrokenCheckpoint))
        throw new WorkError(checkpointUnreadable(manifest, (error as Error).message), { cause: error })
      await log.write({ note: `Not restored: the checkpoint ${manifest} is broken: ${error.message}.` })
    }
  }
  return undefined
}

async function findCheckpoints({ objects, self }: Job): Promise<readonly string[]> {
  const manifests: string[] = []
  for await (const name of listCheckpoints(objects, self.run, self.attempt)) manifests.push(name)
  return manifests
}

/** `attempt 1, checkpoint 3`. */
function nameAttempt(manifest: string, { run }: Job['self']): string {
  const [, attempt, sequence] = /^a(\d+)\/checkpoint\/(\d+)/.exec(manifest.slice(run.length + 1)) ?? []
  return `attempt ${attempt}, checkpoint ${Number(sequence)}`
}

/** All or nothing: the folder gets its name when every file is there and checked. */
async function restore(job: Job, manifest: string, path: string): Promise<readonly KeptFile[]> {
  const { places } = job
  const files = await readManifest(job, manifest)
  const folder = join(places.tmp, 'checkpoint')
  await emptyFolder(folder)
  await inParallel(files, width, (kept) => restoreFile(job, kept, folder))
  const work = await realpath(places.work)
  const target = resolve(work, path)
  await mkdir(dirname(target), { recursive: true })
  if (!isWithin(await realpath(dirname(target)), work))
    throw new Error(`${path} leads out of the work directory.`)
  await rm(target, { recursive: true, force: true })
  await rename(folder, target)
  return files
}

async function readManifest({ objects }: Job, name: string): Promise<readonly KeptFile[]> {
  const bytes = await objects.read(name)
  if (bytes === undefined) throw new BrokenCheckpoint('it is gone')
  try {
    return parseRecord(checkpointRecord, name, bytes).files
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error
    throw new BrokenCheckpoint('its manifest cannot be read', { cause: error })
  }
}

async function restoreFile({ objects, deadline }: Job, kept: KeptFile, folder: string): Promise<void> {
  const file = join(folder, kept.path)
  if (file === folder || !isWithin(file, folder)) throw new BrokenCheckpoint(`${kept.path} is outside of it`)
  await mkdir(dirname(file), { recursive: true })
  const crc = openCrc32c()
  const check = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const bytes of source) {
      crc.update(bytes)
      yield bytes
    }
  }
  try {
    await pipeline(Readable.from(objects.open(kept.object)), check, createWriteStream(file), {
      signal: deadline.stop,
    })
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
    throw new BrokenCheckpoint(`${kept.object} is gone`, { cause: error })
  }
  if (crc.digest() !== kept.crc32c) throw new BrokenCheckpoint(`${kept.object} is not what was kept`)
  await utimes(file, kept.mtimeMs / 1000, kept.mtimeMs / 1000)
  await chmod(file, kept.mode)
}
