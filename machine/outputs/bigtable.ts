import { type Bigtable, openBigtable } from '../../adapters/google/bigtable.ts'
import { noTokens } from '../../adapters/google/tokens.ts'
import { type BrokenRow, holdsRows, type RowBatch, readRows } from '../../adapters/rows/read-rows.ts'
import { openCrc32c } from '../../core/crc32c.ts'
import { runObjects } from '../../core/depot.ts'
import { CloudError } from '../../core/errors.ts'
import { persist } from '../../core/protocol/persist.ts'
import type { PlannedOutput } from '../../core/protocol/records.ts'
import type { Row } from '../../core/rows/row.ts'
import type { Job } from '../job.ts'
import { readVariable } from '../variables.ts'
import type { Sink } from './sink.ts'

/** Requests at a time; reading waits for them. */
const width = 4

/** What is told of rows that cannot be stored. */
const mostTold = 5

/** A table of Bigtable, which gets the rows of files of CSV or JSON lines. */
export function openTable(job: Job, output: PlannedOutput, to: string): Sink {
  const [table = '', instance = '', project = job.self.project] = to
    .slice('bigtable://'.length)
    .split('/')
    .reverse()
  const { family = '' } = output
  const place = { project, instance, table, family }
  return {
    uri: `bigtable://${instance}/${table}`,
    async store({ file, path }) {
      if (!holdsRows(file))
        throw new Error(`${path} is no file of rows: those end in .csv, .jsonl or .ndjson.`)
      const checked = await check(file, path, output)
      using server = openBigtable(place, {
        ...findBigtable(job),
        userAgent: 'mayfly-agent',
        signal: job.deadline.end,
      })
      const refused = await write(job, server, readRows(file, output))
      if (refused.length > 0)
        throw new Error(
          `${describeBroken(path, refused, refused.length)}\nAll other rows are stored in ${server.uri}.`,
        )
      return { uri: server.uri, ...checked }
    },
  }
}

function findBigtable(job: Job) {
  const emulator = readVariable(job, 'BIGTABLE_EMULATOR_HOST')
  if (emulator !== undefined) return { origin: `http://${emulator}`, tokens: noTokens }
  if (!job.google.local) return { origin: 'https://bigtable.googleapis.com', tokens: job.google.tokens }
  throw new Error(
    'a local cloud has no Bigtable of its own: start an emulator, and set BIGTABLE_EMULATOR_HOST in env.',
  )
}

/** Reads all of a file before any of it is stored: a table that is served from never gets half of a broken file. */
async function check(file: string, path: string, output: PlannedOutput) {
  const crc = openCrc32c()
  let size = 0
  let rows = 0
  const broken: BrokenRow[] = []
  let count = 0
  const watch = (bytes: Uint8Array) => {
    crc.update(bytes)
    size += bytes.length
  }
  for await (const batch of readRows(file, output, watch)) {
    rows += batch.rows.length
    count += batch.broken.length
    broken.push(...batch.broken.slice(0, mostTold - broken.length))
  }
  if (count > 0) throw new Error(`${describeBroken(path, broken, count)}\nNo row of the file is stored.`)
  return { size, crc32c: crc.digest(), rows }
}

function describeBroken(path: string, broken: readonly BrokenRow[], count: number): string {
  const told = broken.slice(0, mostTold).map(({ line, why }) => `${path}:${line}: ${why}`)
  const more = count > told.length ? [`… and ${count - told.length} more.`] : []
  return [count === 1 ? 'a row is broken:' : `${count} rows are broken:`, ...told, ...more].join('\n')
}

/** Writes rows in batches, and gives those that Bigtable refused. */
async function write(
  job: Job,
  table: Bigtable,
  batches: AsyncIterable<RowBatch>,
): Promise<readonly BrokenRow[]> {
  const { objects, self, clock, deadline } = job
  const patience = { clock, signal: deadline.end }
  const run = await persist(() => objects.stat(runObjects.run(self.run)), patience)
  // The same in all attempts, so that a row that is written twice has no second version.
  const timestampMicros = (run?.created ?? 0) * 1000
  const refused: BrokenRow[] = []
  const underWay = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const send = (batch: readonly Row[]) => {
    let left = batch
    const act = async () => {
      const mutation = await table.write(left, timestampMicros)
      refused.push(...mutation.refused.map(({ row, why }) => ({ line: row.line, why })))
      left = mutation.again
      if (left.length > 0)
        throw new CloudError('busy', 'bigtable.tables.mutateRows', `${table.uri}: ${mutation.passing}.`)
    }
    const sending = persist(act, patience)
      .catch((error) => {
        failure ??= { error }
      })
      .finally(() => underWay.delete(sending))
    underWay.add(sending)
  }
  for await (const { rows } of batches) {
    if (underWay.size >= width) await Promise.race(underWay)
    if (failure) break
    if (rows.length > 0) send(rows)
  }
  await Promise.all(underWay)
  if (failure) throw failure.error
  return refused.sort((a, b) => a.line - b.line)
}
