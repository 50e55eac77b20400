import { cloudFields, text } from '../../fields.ts'
import {
  parseRecord,
  type ResultRecord,
  type RunRecord,
  resultRecord,
  runRecord,
} from '../../protocol/records.ts'
import { drawTable } from '../../table.ts'
import { defineTask } from '../../task.ts'
import type { Objects } from '../../world.ts'

interface Ask {
  readonly batch: string | undefined
  readonly limit: string
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
    limit: text({ description: 'How many at the most.', default: '20' }),
    ...cloudFields,
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world }): Promise<readonly ListedRun[]> {
    const objects = await world.objects(ask.bucket)
    const newest = [...(await scanRuns(objects, ask.batch))]
      .sort(([, a], [, b]) => b.asked - a.asked)
      .slice(0, Number(ask.limit))
    return Promise.all(newest.map(([path, traces]) => readListed(objects, path, traces)))
  },

  report: (runs) => ({ exitCode: 0, outputs: {}, lines: writeTable(runs), summary: '', json: runs }),
})

/** What the names of a run's objects tell. */
interface Traces {
  asked: number
  attempts: number
  results: number
}

/** One list of names tells every run's state; only the ones that are shown are then read. */
async function scanRuns(objects: Objects, batch: string | undefined): Promise<Map<string, Traces>> {
  const runs = new Map<string, Traces>()
  const prefix = batch === undefined ? 'runs/' : `runs/${batch}/`
  const glob = `runs/${batch ?? '*'}/*/{run.json,a*/attempt.json,a*/result.json}`
  for await (const { name, created } of objects.list(prefix, { glob })) {
    const path = name.split('/').slice(0, 3).join('/')
    const traces = runs.get(path) ?? { asked: 0, attempts: 0, results: 0 }
    runs.set(path, traces)
    const number = Number(/\/a(\d+)\//.exec(name)?.[1] ?? 0)
    if (name.endsWith('/run.json')) traces.asked = created
    else if (name.endsWith('/attempt.json')) traces.attempts = Math.max(traces.attempts, number)
    else traces.results = Math.max(traces.results, number)
  }
  return runs
}

async function readListed(objects: Objects, path: string, traces: Traces): Promise<ListedRun> {
  const over = traces.results > 0 && traces.results === traces.attempts
  const [run, result] = await Promise.all([
    readAs(objects, `${path}/run.json`, (name, bytes): RunRecord => parseRecord(runRecord, name, bytes)),
    over
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
