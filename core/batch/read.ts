import type { Batch } from './batch.ts'
import { findItem, type Item, openDocument } from './document.ts'
import { batch as batchShape } from './keys.ts'
import { listTaskNames } from './task-keys.ts'

/** A batch and the file that it stands in. */
export interface BatchFile {
  readonly batch: Batch
  /**
   * Where a value stands, as `batch.yaml:12:5`: by the file's own keys and by numbers from 0, such as
   * `['outputs', 1, 'to']`. What is not written is where it would be.
   */
  readonly locate: (path: readonly (string | number)[]) => string
}

/** Reads a batch file. Throws an InputError with everything that is wrong, each with file, line and column. */
export function readBatch(source: string, path: string): BatchFile {
  const { root, throwProblems } = openDocument(source, path)
  const batch = batchShape.read(root, listNames(root))
  throwProblems()
  return { batch: batch as Batch, locate: (steps) => locate(root, steps).where }
}

/** What `${{ }}` may name. Params count with their mistakes, so that each is complained of once. */
function listNames(root: Item): readonly string[] {
  const params = findItem(root, 'params')?.entries() ?? []
  const code = findItem(root, 'code')?.text === 'none' ? [] : ['code.name', 'code.tag', 'code.commit']
  return [...params.map(({ key }) => `params.${key}`), 'run.id', 'run.batch', ...code, ...listTaskNames(root)]
}

function locate(item: Item, [step, ...rest]: readonly (string | number)[]): Item {
  if (step === undefined) return item
  const next = typeof step === 'number' ? item.items()[step] : findItem(item, step)
  return next === undefined ? item : locate(next, rest)
}
