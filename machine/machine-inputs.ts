import type { S3Bucket } from '../adapters/aws/s3.ts'
import { runObjects } from '../core/depot.ts'
import type { Problem } from '../core/errors.ts'
import { compileGlob } from '../core/inputs/glob.ts'
import { findObjects, type Shelf } from '../core/inputs/objects.ts'
import { readSource } from '../core/inputs/source.ts'
import { placeFiles } from '../core/inputs/targets.ts'
import {
  type InputFile,
  inputFilesRecord,
  type PlannedInput,
  parseRecord,
  writeRecord,
} from '../core/protocol/records.ts'
import { inputsRefused } from './input-verdicts.ts'
import type { Job } from './job.ts'
import { WorkError } from './verdicts.ts'

/**
 * The files of the inputs that the controller could not look for: those in S3, for which the machine has the keys. What
 * the first attempt finds is written down, and is what every later one takes.
 */
export async function listMachineInputs(
  { objects, self }: Job,
  inputs: readonly PlannedInput[],
  openBucket: (name: string) => S3Bucket,
): Promise<readonly InputFile[]> {
  if (inputs.every(({ resolved }) => resolved !== undefined)) return []
  const name = runObjects.machineInputs(self.run)
  const known = await objects.read(name)
  if (known !== undefined) return parseRecord(inputFilesRecord, name, known).files
  const lists: (readonly InputFile[])[] = []
  const problems: Problem[] = []
  for (const [index, input] of inputs.entries()) {
    const source = readSource(input.from)
    if (source.kind !== 's3') continue
    const finding = await findObjects(source, openShelf(openBucket(source.bucket)))
    if ('why' in finding) problems.push({ where: input.where, message: `${input.from}: ${finding.why}` })
    else lists.push(placeFiles(finding, input, index, problems))
  }
  if (problems.length > 0) throw new WorkError(inputsRefused(problems))
  const files = lists.flat()
  await objects.create(name, writeRecord({ schema: 1, files }), { contentType: 'application/json' })
  return files
}

/** S3 has no patterns of its own. */
function openShelf(bucket: S3Bucket): Shelf {
  return {
    stat: (name) => bucket.stat(name),
    async *list(prefix, { glob } = {}) {
      const pattern = glob === undefined ? undefined : compileGlob(glob)
      for await (const object of bucket.list(prefix)) if (pattern?.test(object.name) ?? true) yield object
    },
  }
}
