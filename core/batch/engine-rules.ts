import { regionOf } from '../names.ts'
import type { Batch } from './batch.ts'
import { findItem, type Item } from './document.ts'

/** Batch's own longest run of a job. https://cloud.google.com/batch/quotas#job_limits */
const longestSeconds = 14 * 24 * 60 * 60

const taskExpression = /\$\{\{\s*task\./

/** What of a batch file does not go together with its engine. */
export function checkEngine(batch: Batch, root: Item): Batch {
  const find = (...path: readonly string[]) => findItem(root, ...path)
  if (batch.engine === 'vm') {
    find('tasks')?.complainAtKey(
      'tasks are for engine: cloud-batch; engine vm runs the steps once, on one machine. Add engine: cloud-batch.',
    )
    return batch
  }
  const { machine, timeoutSeconds, tasks, outputs } = batch
  if (machine.spot === 'preferred')
    find('machine', 'spot')?.complain('Google Cloud Batch takes true or false: it has no second choice.')
  if ((machine.types?.length ?? 1) > 1)
    find('machine', 'type')?.complain('Google Cloud Batch takes one machine type, not a list.')
  if (new Set(machine.zones.map(regionOf)).size > 1)
    find('machine', 'zones')?.complain(
      "the zones of a Google Cloud Batch job are all of one region, the job's.",
    )
  if (timeoutSeconds > longestSeconds)
    find('timeout')?.complain('expected at most 14d: no job of Google Cloud Batch runs for longer.')
  if (batch.reuse)
    find('reuse')?.complain(
      'a run with engine: cloud-batch is not found by its inputs. Give it a key instead.',
    )
  for (const input of find('inputs')?.items() ?? [])
    for (const { value } of input.entries())
      if (taskExpression.test(value.text))
        value.complain(
          'inputs are listed once, for all tasks. What differs from task to task, a step has to fetch.',
        )
  const items = find('outputs')?.items() ?? []
  for (const [index, { to }] of outputs.entries()) {
    // Rows have their keys.
    if (to === undefined || tasks?.count === 1 || /^bigtable:/.test(to) || taskExpression.test(to)) continue
    const written = items[index]
    const place = written && findItem(written, 'to')
    place?.complain(
      'every task would write to the same place. Add what differs, such as ${{ task.index }}/ at its end.',
    )
  }
  return batch
}
