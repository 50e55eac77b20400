import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runObjects } from '../core/depot.ts'
import { inParallel } from '../core/parallel.ts'
import { persist } from '../core/protocol/persist.ts'
import { type ManifestFile, type PlannedOutput, writeRecord } from '../core/protocol/records.ts'
import { countFiles, formatBytes } from '../core/units.ts'
import type { Objects } from '../core/world.ts'
import { describeHoldings, type FoundFile, isWithin, look, walk } from './files.ts'
import type { Job } from './job.ts'
import { outputMissing, outputNotStored } from './verdicts.ts'

/** Uploads at a time. */
const width = 8

/** Stores outputs, each whatever becomes of the others, and then their manifest. Gives the problems. */
export async function storeOutputs(job: Job, due: readonly PlannedOutput[]): Promise<readonly string[]> {
  const files: ManifestFile[] = []
  const problems: string[] = []
  for (const output of due) {
    const problem = await storeOutput(job, output, files)
    if (problem === undefined) continue
    problems.push(problem)
    await job.log.write({ note: problem })
  }
  if (files.length > 0) await storeManifest(job, files)
  return problems
}

async function storeOutput(
  job: Job,
  output: PlannedOutput,
  manifest: ManifestFile[],
): Promise<string | undefined> {
  const found = await findFiles(job, output)
  if (typeof found === 'string')
    return outputMissing(output, found, await describeHoldings(job.places.work, output.path))

  const { bucket, folder } = locate(job, output)
  // A single file that the depot keeps is the output itself, and has its name.
  const bare = !found.folder && output.to === undefined
  const stored: ManifestFile[] = []
  try {
    const objects = bucket === job.objects.bucket ? job.objects : job.openBucket(bucket)
    await inParallel(found.files, width, async ({ file, path }) => {
      const name = [folder, bare ? '' : path].filter((part) => part !== '').join('/')
      const { size, crc32c, generation } = await storeFile(job, objects, name, file)
      stored.push({ output: output.name, path, uri: `gs://${bucket}/${name}`, size, crc32c, generation })
    })
  } catch (error) {
    return outputNotStored(output, (error as Error).message)
  } finally {
    manifest.push(...stored.sort((a, b) => (a.path < b.path ? -1 : 1)))
  }
  const bytes = stored.reduce((sum, { size }) => sum + size, 0)
  const uri = found.folder ? `gs://${bucket}/${folder}/` : (stored[0]?.uri ?? '')
  job.facts.outputs.push({ name: output.name, path: output.path, uri, files: stored.length, bytes })
  await job.log.write({
    note: `Stored ${output.path}: ${countFiles(stored.length)}, ${formatBytes(bytes)}, in ${uri}`,
  })
  return undefined
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

/** Where an output goes; the folder has no slash at its end. */
function locate({ self, objects }: Job, { name, to }: PlannedOutput): { bucket: string; folder: string } {
  if (to === undefined)
    return { bucket: objects.bucket, folder: `${runObjects.outputs(self.run, self.attempt)}/${name}` }
  const [, bucket = '', folder = ''] = /^gs:\/\/([^/]+)\/?(.*?)\/*$/.exec(to) ?? []
  return { bucket, folder }
}

function storeFile({ clock, deadline }: Job, objects: Objects, name: string, file: string) {
  const signal = deadline.end
  return persist(() => objects.put(name, { file }, { signal }), { clock, signal })
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
