import { createHash } from 'node:crypto'
import type { Batch } from '../../batch/batch.ts'
import type { BatchFile } from '../../batch/read.ts'
import { readRows } from '../../batch/rows.ts'
import { type Row, taskLimits, taskNames } from '../../batch/task-keys.ts'
import { checkRows } from '../../cloud-batch/check-rows.ts'
import { InputError } from '../../errors.ts'
import type { RunRecord } from '../../protocol/records.ts'
import type { Session } from '../../task.ts'

/** The rows of a batch's tasks: its own, or those of the file that it names. Throws an InputError. */
export async function findRows(
  { batch, locate }: BatchFile,
  { world }: Session,
): Promise<readonly Row[] | undefined> {
  const { rows, rowsFile } = batch.tasks ?? {}
  if (rowsFile === undefined) return rows
  const source = await world.files.read(rowsFile)
  if (source !== undefined) return readRows(source, rowsFile)
  const message = `tasks.rows: there is no file ${rowsFile} in the working directory.`
  throw new InputError([{ where: locate(['tasks', 'rows']), message }])
}

/** What a plan says of a run's tasks; nothing for a run on one machine. */
export function planTasks(
  batch: Batch,
  rows: readonly Row[] | undefined,
  locate: BatchFile['locate'],
): Pick<RunRecord, 'engine' | 'tasks'> {
  if (batch.engine === 'vm') return {}
  if (rows !== undefined) checkRows(batch, rows, locate)
  const count = rows?.length ?? batch.tasks?.count ?? 1
  const parallelism = Math.min(count, batch.tasks?.parallelism ?? taskLimits.parallelism)
  const columns = rows?.[0] && { columns: Object.keys(rows[0]) }
  return { engine: batch.engine, tasks: { count, parallelism, ...columns } }
}

/** sha256 of rows, hex. */
export function digestRows(rows: readonly Row[]): string {
  const hash = createHash('sha256')
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`)
  return hash.digest('hex')
}

/** What tasks fill in for themselves, as it stays in the plan of all. */
export function keepTaskNames(batch: Batch, rows: readonly Row[] | undefined): Row {
  if (batch.engine === 'vm') return {}
  const columns = Object.keys(rows?.[0] ?? {}).map((name) => `task.${name}`)
  return Object.fromEntries([...taskNames, ...columns].map((name) => [name, `\${{ ${name} }}`]))
}
