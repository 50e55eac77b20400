import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CloudError } from '../core/errors.ts'
import { listInputs } from '../core/inputs/report.ts'
import { readSource } from '../core/inputs/source.ts'
import { findClash, summarize } from '../core/inputs/targets.ts'
import { inParallel } from '../core/parallel.ts'
import { persist } from '../core/protocol/persist.ts'
import {
  type InputFile,
  type InputResult,
  inputFilesRecord,
  type PlannedInput,
  parseRecord,
} from '../core/protocol/records.ts'
import { countFiles, formatBytes } from '../core/units.ts'
import { openS3 } from './aws.ts'
import {
  inputChanged,
  inputDenied,
  inputListDiffers,
  inputNotFetched,
  inputNotPlaced,
  inputsDenied,
  inputsNotListed,
  inputsRefused,
} from './input-verdicts.ts'
import type { Job } from './job.ts'
import { listMachineInputs } from './machine-inputs.ts'
import { emptyFolder } from './places.ts'
import { startProgress } from './progress.ts'
import { WorkError } from './verdicts.ts'
import { Bounds } from './within.ts'

type OpenS3 = ReturnType<typeof openS3>

/** Downloads at a time. */
const width = 16

/** Puts the inputs into the work directory, each file as it was when the run was claimed. Throws a WorkError. */
export async function fetchInputs(job: Job, inputs: readonly PlannedInput[]): Promise<void> {
  const { clock, deadline, facts, log, places } = job
  const patience = { clock, signal: deadline.stop }
  const openBucket = openS3(job, deadline.stop)
  const planned = await persist(() => readList(job), patience)
  const found = await persist(() => listMachineInputs(job, inputs, openBucket), patience).catch((error) =>
    explainSearch(job, error),
  )
  const files = [...planned, ...found]
  if (found.length > 0) refuseClash(inputs, files)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  await log.write({ note: `Fetching ${countFiles(files.length)}, ${formatBytes(bytes)}` })
  const folder = join(places.tmp, 'inputs')
  await emptyFolder(folder)
  const bounds = new Bounds(await realpath(places.work))
  using progress = startProgress(job, 'Fetched', { files: files.length, bytes })
  let number = 0
  await inParallel(files, width, async (file) => {
    const input = inputs[file.input] as PlannedInput
    const part = join(folder, String(number++))
    await persist(() => fetchFile(job, file, part, openBucket), patience).catch((error) =>
      explain(job, input, file, error),
    )
    const target = join(places.work, file.path)
    await bounds
      .make(dirname(target))
      .then(() => rename(part, target))
      .catch((error) => {
        throw new WorkError(inputNotPlaced(input, file, error.message), { cause: error })
      })
    progress.add(file.size)
  })
  await rm(folder, { recursive: true })
  const resolved = inputs.map((input, index) =>
    resolve(
      input,
      found.filter((file) => file.input === index),
    ),
  )
  facts.inputs = listInputs(resolved)
  for (const input of facts.inputs) await log.write({ note: tell(input) })
}

/** The files as they were listed when the run was claimed. */
async function readList({ objects, run: { inputFiles } }: Job): Promise<readonly InputFile[]> {
  if (inputFiles === undefined) return []
  const bytes = await objects.read(inputFiles.object)
  const name = `gs://${objects.bucket}/${inputFiles.object}`
  if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== inputFiles.sha256)
    throw new WorkError(inputListDiffers(name))
  return parseRecord(inputFilesRecord, name, bytes).files
}

function refuseClash(inputs: readonly PlannedInput[], files: readonly InputFile[]): void {
  const clash = findClash(files)
  if (clash === undefined) return
  const where = inputs[files[clash.index]?.input ?? 0]?.where ?? ''
  throw new WorkError(inputsRefused([{ where, message: clash.why }]))
}

/** What the machine has found itself is known of no input yet. */
function resolve(input: PlannedInput, own: readonly InputFile[]): PlannedInput {
  if (input.resolved !== undefined) return input
  return { ...input, resolved: summarize({ selection: readSource(input.from), uri: input.from }, own) }
}

async function explainSearch({ deadline }: Job, error: unknown): Promise<never> {
  if (!(error instanceof CloudError) || deadline.stop.aborted) throw error
  const refuse = error.failure === 'permission' ? inputsDenied : inputsNotListed
  throw new WorkError(refuse(error.message, error.failure), { cause: error })
}

async function fetchFile(job: Job, file: InputFile, part: string, openBucket: OpenS3): Promise<void> {
  const source = openSource(job, file, openBucket)
  await pipeline(Readable.from(source), createWriteStream(part), { signal: job.deadline.stop })
}

function openSource(job: Job, file: InputFile, openBucket: OpenS3): AsyncIterable<Uint8Array> {
  const { scheme, bucket, name } = splitUri(file.uri)
  const { etag = '', version, generation } = file
  if (scheme === 's3')
    return openBucket(bucket).open({ name, etag, ...(version !== undefined && { version }) })
  return (bucket === job.objects.bucket ? job.objects : job.openBucket(bucket)).open(name, generation)
}

function splitUri(uri: string) {
  const [, scheme = '', bucket = '', name = ''] = /^(\w+):\/\/([^/]+)\/(.*)$/s.exec(uri) ?? []
  return { scheme, bucket, name }
}

async function explain(job: Job, input: PlannedInput, file: InputFile, error: unknown): Promise<never> {
  if (!(error instanceof CloudError) || job.deadline.stop.aborted) throw error
  const { failure, message } = error
  const options = { cause: error }
  if (failure === 'permission') throw new WorkError(inputDenied(input, message), options)
  if (failure !== 'not-found') throw new WorkError(inputNotFetched(input, file, message), options)
  throw new WorkError(inputChanged(input, file, await findSuccessor(job, file)), options)
}

/** What has taken the place of what was wanted, where that can be told. */
async function findSuccessor(job: Job, { uri }: InputFile): Promise<string | undefined> {
  const { scheme, bucket, name } = splitUri(uri)
  if (scheme === 's3') return undefined
  const stored = await job
    .openBucket(bucket)
    .stat(name)
    .catch(() => undefined)
  return stored?.generation
}

function tell({ from, to, files, bytes, run, uri }: InputResult): string {
  const origin = run === undefined ? from : `${uri}, of ${run}`
  return `Fetched ${to}: ${countFiles(files)}, ${formatBytes(bytes)}, from ${origin}`
}
