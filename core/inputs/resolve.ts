import { createHash } from 'node:crypto'
import { runObjects } from '../depot.ts'
import { InputError, type Problem } from '../errors.ts'
import { type InputFile, type PlannedInput, type RunRecord, writeRecord } from '../protocol/records.ts'
import { countFiles } from '../units.ts'
import type { Objects } from '../world.ts'
import { findObjects } from './objects.ts'
import { findOutput } from './outputs.ts'
import { readSource } from './source.ts'
import { type Finding, findClash, type Nothing, placeFiles, summarize, type WrittenInput } from './targets.ts'

/** What a run's inputs stand for. */
export interface Resolution {
  readonly inputs: readonly PlannedInput[]
  readonly inputFiles?: NonNullable<RunRecord['inputFiles']>
  readonly list?: FileList
}

/** The list of all files, to be stored beside the run. Its JSON, which is what a dry run prints, is short. */
export interface FileList {
  readonly object: string
  readonly body: string
  toJSON(): string
}

/**
 * Finds the exact objects that inputs stand for now. Throws an InputError with every input that stands for nothing, or
 * for files that cannot be together in a work directory. Inputs in S3 stay as they are: only the machine may look there.
 */
export async function resolveInputs(
  inputs: readonly WrittenInput[],
  { run, depot, open }: ResolvingPlace,
): Promise<Resolution> {
  const problems: Problem[] = []
  const lists: (readonly InputFile[])[] = []
  const resolved: PlannedInput[] = []
  for (const [index, input] of inputs.entries()) {
    const { where, from } = input
    const finding = await find(from, depot, open)
    if (finding === undefined) resolved.push(input)
    else if ('why' in finding) problems.push({ where, message: `${from}: ${finding.why}` })
    else {
      const placed = placeFiles(finding, input, index, problems)
      lists.push(placed)
      resolved.push({ ...input, resolved: summarize(finding, placed) })
    }
  }
  const files = lists.flat()
  const clash = findClash(files)
  if (clash) problems.push({ where: inputs[files[clash.index]?.input ?? 0]?.where ?? '', message: clash.why })
  if (problems.length > 0) throw new InputError(problems)
  return files.length === 0 ? { inputs: resolved } : { inputs: resolved, ...listFiles(run, files) }
}

interface ResolvingPlace {
  /** `runs/<batch>/<id>` of the run that the inputs are for. */
  readonly run: string
  readonly depot: Objects
  open(bucket: string): Promise<Objects>
}

async function find(
  from: string,
  depot: Objects,
  open: ResolvingPlace['open'],
): Promise<Finding | Nothing | undefined> {
  const source = readSource(from)
  if (source.kind === 's3') return undefined
  if (source.kind === 'run') return findOutput(source, depot)
  return findObjects(source, source.bucket === depot.bucket ? depot : await open(source.bucket))
}

function listFiles(run: string, files: readonly InputFile[]): Pick<Resolution, 'inputFiles' | 'list'> {
  const body = writeRecord({ schema: 1, files })
  const sha256 = createHash('sha256').update(body).digest('hex')
  const object = runObjects.inputs(run, sha256)
  return { inputFiles: { object, sha256 }, list: { object, body, toJSON: () => countFiles(files.length) } }
}
