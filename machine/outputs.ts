import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runObjects } from '../core/depot.ts'
import { inParallel } from '../core/parallel.ts'
import { persist } from '../core/protocol/persist.ts'
import {
  type ManifestFile,
  type OutputResult,
  type PlannedOutput,
  writeRecord,
} from '../core/protocol/records.ts'
import { countFiles, formatBytes } from '../core/units.ts'
import { describeHoldings, type FoundFile, isWithin, look, walk } from './files.ts'
import type { Job } from './job.ts'
import { openTable } from './outputs/bigtable.ts'
import { openDepot, openGcs } from './outputs/gcs.ts'
import { openS3Sink } from './outputs/s3.ts'
import type { Sink } from './outputs/sink.ts'
import { startProgress } from './progress.ts'
import { outputMissing, outputNotStored } from './verdicts.ts'

/** Uploads at a time, of one output. What goes to S3 goes from memory. */
const width = { gs: 16, s3: 4, bigtable: 1 } as const

/** Outputs at a time: most are one file. */
const outputWidth = 3

/** Stores outputs, each whatever becomes of the others, and then their manifest. Gives the problems. */
export async function storeOutputs(job: Job, due: readonly PlannedOutput[]): Promise<readonly string[]> {
  const endings: OutputEnding[] = []
  await inParallel(due.entries(), outputWidth, async ([index, output]) => {
    endings[index] = await storeOutput(job, output)
    await job.log.write({ note: endings[index].note })
  })
  job.facts.outputs.push(...endings.flatMap(({ result }) => result ?? []))
  const files = endings.flatMap(({ stored }) => stored)
  if (files.length > 0) await storeManifest(job, files)
  return endings.flatMap(({ result, note }) => (result === undefined ? note : []))
}

interface OutputEnding {
  /** What the log says of it. */
  readonly note: string
  readonly stored: readonly ManifestFile[]
  /** Absent when not all of it is stored. */
  readonly result?: OutputResult
}

async function storeOutput(job: Job, output: PlannedOutput): Promise<OutputEnding> {
  const { name, path } = output
  const stored: ManifestFile[] = []
  const fail = (note: string) => ({ note, stored: sortByPath(stored) })
  try {
    const found = await findFiles(job, output)
    if (typeof found === 'string')
      return fail(outputMissing(output, found, await describeHoldings(job.places.work, path)))
    const sink = openSink(job, output, found.folder)
    using progress = startProgress(job, `Stored of ${path}`, { files: found.files.length })
    const scheme = (/^\w+/.exec(sink.uri)?.[0] ?? 'gs') as keyof typeof width
    await inParallel(found.files, width[scheme], async (file) => {
      const kept = await sink.store(file)
      stored.push({ output: name, path: file.path, ...kept })
      progress.add(kept.size)
    })
    const { bytes } = progress
    const uri = found.folder ? sink.uri : (stored[0]?.uri ?? sink.uri)
    const result = { name, path, uri, files: stored.length, bytes }
    const note = `Stored ${path}: ${countFiles(stored.length)}, ${formatBytes(bytes)}, in ${uri}`
    return { note, stored: sortByPath(stored), result }
  } catch (error) {
    return fail(outputNotStored(output, (error as Error).message))
  }
}

function sortByPath(files: readonly ManifestFile[]): readonly ManifestFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function openSink(job: Job, output: PlannedOutput, isFolder: boolean): Sink {
  const { to } = output
  if (to === undefined) return openDepot(job, output, isFolder)
  if (to.startsWith('bigtable:')) return openTable(job, output, to)
  return to.startsWith('s3:') ? openS3Sink(job, to) : openGcs(job, to)
}

/** The files of an output, or why there are none. */
async function findFiles(
  { places, log }: Job,
  { path }: PlannedOutput,
): Promise<{ readonly folder: boolean; readonly files: readonly FoundFile[] } | string> {
  const work = await realpath(places.work)
  const root = join(work, path)
  const target = await look(root)
  if (target === undefined) return 'does not exist'
  if (!isWithin(target.real, work)) return 'is outside of the work directory'
  if (target.stats.isFile()) return { folder: false, files: [{ file: root, path: basename(root) }] }
  if (!target.stats.isDirectory()) return 'is neither a file nor a folder'
  const files: FoundFile[] = []
  for await (const each of walk(root, work)) {
    if ('file' in each) files.push(each)
    else await log.write({ note: `Not stored: ${join(path, each.leftOut)} is ${each.why}.` })
  }
  return files.length > 0 ? { folder: true, files } : 'is a folder without files'
}

async function storeManifest(job: Job, files: readonly ManifestFile[]): Promise<void> {
  const { objects, self, clock, deadline } = job
  const object = runObjects.manifest(self.run, self.attempt)
  const body = writeRecord({ schema: 1, files })
  const signal = deadline.end
  // One that exists is our own: only the machine that entered the fence writes here.
  await persist(() => objects.create(object, body, { contentType: 'application/json', signal }), {
    clock,
    signal,
  })
  job.facts.manifest = { object, sha256: createHash('sha256').update(body).digest('hex') }
}
