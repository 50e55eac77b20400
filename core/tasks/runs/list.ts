import { cloudFields, parsed, text } from '../../fields.ts'
import {
  parseRecord,
  type ResultRecord,
  type RunRecord,
  resultRecord,
  runRecord,
} from '../../protocol/records.ts'
import { isOver, type RunTraces, scanRuns } from '../../run-traces.ts'
import { drawTable } from '../../table.ts'
import { defineTask } from '../../task.ts'
import { readCount } from '../../units.ts'
import type { Objects } from '../../world.ts'

interface Ask {
  readonly batch: string | undefined
  readonly limit: number
  readonly bucket: string
}

/** One line of the list. */
export interface ListedRun {
  readonly run: string
  readonly state: ResultRecord['state'] | 'running'
  readonly exitCode?: number
  readonly attempt: number
  /** When the run was asked for, ISO 8601. */
  readonly asked: string
  readonly by: string
  readonly code?: string
  readonly key: string
}

/** The newest runs of a depot. */
export const listRuns = defineTask({
  name: 'runs list',
  summary: 'List runs, the newest first.',
  fields: {
    batch: text({ description: 'Only runs of this batch.', positional: true }),
    limit: parsed({ description: 'How many at the most.', default: '20' }, readCount),
    ...cloudFields,
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world }): Promise<readonly ListedRun[]> {
    const objects = await world.objects(ask.bucket)
    // The names tell enough to choose; only the runs that are shown are then read.
    const newest = [...(await scanRuns(objects, ask.batch))]
      .sort(([, a], [, b]) => b.asked - a.asked)
      .slice(0, ask.limit)
    return Promise.all(newest.map(([path, traces]) => readListed(objects, path, traces)))
  },

  report: (runs) => ({ exitCode: 0, outputs: {}, lines: writeTable(runs), summary: '', json: runs }),
})

async function readListed(objects: Objects, path: string, traces: RunTraces): Promise<ListedRun> {
  const [run, result] = await Promise.all([
    readAs(objects, `${path}/run.json`, (name, bytes): RunRecord => parseRecord(runRecord, name, bytes)),
    isOver(traces)
      ? readAs(
          objects,
          `${path}/a${traces.results}/result.json`,
          (name, bytes): ResultRecord => parseRecord(resultRecord, name, bytes),
        )
      : undefined,
  ])
  return {
    run: path,
    state: result?.state ?? 'running',
    ...(result && { exitCode: result.exitCode }),
    attempt: traces.attempts,
    asked: new Date(traces.asked).toISOString(),
    by: run?.by ?? '',
    ...(run?.code && { code: `${run.code.name}@${run.code.tag}` }),
    key: run?.key ?? '',
  }
}

async function readAs<Value>(
  objects: Objects,
  name: string,
  parse: (name: string, bytes: Uint8Array) => Value,
) {
  const bytes = await objects.read(name)
  return bytes && parse(name, bytes)
}

function writeTable(runs: readonly ListedRun[]): readonly string[] {
  if (runs.length === 0) return ['There are no runs yet.']
  return drawTable([
    ['RUN', 'STATE', 'ATTEMPT', 'ASKED', 'BY', 'CODE'],
    ...runs.map(({ run, state, exitCode, attempt, asked, by, code }) => [
      run,
      exitCode === undefined || exitCode === 0 ? state : `${state} (${exitCode})`,
      String(attempt),
      asked.slice(0, 19).replace('T', ' '),
      by,
      code ?? '',
    ]),
  ])
}
