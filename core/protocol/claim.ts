import { runObjects, runPath } from '../depot.ts'
import { ConflictError } from '../errors.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import { parseRecord, type RunRecord, runRecord, writeRecord } from './records.ts'

/** A run that is held: by this caller first, or by an earlier one whose plan counts. */
export interface Claim {
  readonly run: RunRecord
  /** `runs/<batch>/<id>` */
  readonly path: string
  readonly mine: boolean
  /** Of another key: its inputs were the same. */
  readonly reused?: true
}

/** Claims a run key. The same inputs under it find the first run; other inputs are a conflict. */
export async function claimRun(objects: Objects, wish: RunRecord): Promise<Claim> {
  const path = runPath(wish.batch, wish.id)
  const creation = await createRecord(objects, runObjects.run(path), wish)
  if (creation.mine) return { run: wish, path, mine: true }
  const run = parseRecord(runRecord, runObjects.run(path), creation.bytes)
  if (run.key === wish.key && run.inputsDigest === wish.inputsDigest) return { run, path, mine: false }
  const link = run.link === undefined ? '' : ` (${run.link})`
  throw new ConflictError(
    `The key "${wish.key}" belongs to ${path}, which ${run.by}${link} asked for with other inputs: ${listDifferences(run, wish)}. ` +
      'Nothing has been changed. Give the new run a key of its own, or ask with the first inputs to get the first result.',
  )
}

/** The run at a path, or undefined. */
export async function readRun(objects: Objects, path: string): Promise<RunRecord | undefined> {
  const name = runObjects.run(path)
  const bytes = await objects.read(name)
  return bytes && parseRecord(runRecord, name, bytes)
}

function listDifferences(run: RunRecord, asked: RunRecord): string {
  // As it would be read back: with its keys in the order of the record.
  const wish = parseRecord(runRecord, 'the wish', new TextEncoder().encode(writeRecord(asked)))
  const parts = [
    'code',
    'inputs',
    'params',
    'env',
    'secrets',
    'steps',
    'outputs',
    'machine',
    'tasks',
    'timeoutSeconds',
    'attempts',
  ] as const
  const show = (record: RunRecord, part: (typeof parts)[number]) =>
    JSON.stringify(part === 'inputs' ? record.inputs?.map(({ from, to }) => [from, to]) : record[part])
  const differing = parts.filter((part) => show(run, part) !== show(wish, part))
  return differing.length === 0 ? 'the image or the key differs' : `${differing.join(', ')} differ`
}
