import type { Objects } from './world.ts'

/** What the names of a run's objects tell. */
export interface RunTraces {
  /** When the run was asked for, milliseconds since the epoch. */
  asked: number
  /** The last attempt. */
  attempts: number
  /** The last attempt that has a result. */
  results: number
  /** When that was written, milliseconds since the epoch. */
  ended: number
}

/** The runs of a depot, or of one batch, by path. One list of names tells every run's state. */
export async function scanRuns(objects: Objects, batch: string | undefined): Promise<Map<string, RunTraces>> {
  const runs = new Map<string, RunTraces>()
  const prefix = batch === undefined ? 'runs/' : `runs/${batch}/`
  const glob = `runs/${batch ?? '*'}/*/{run.json,a*/attempt.json,a*/result.json}`
  for await (const { name, created } of objects.list(prefix, { glob })) {
    const path = name.split('/').slice(0, 3).join('/')
    const traces = runs.get(path) ?? { asked: 0, attempts: 0, results: 0, ended: 0 }
    runs.set(path, traces)
    const number = Number(/\/a(\d+)\//.exec(name)?.[1] ?? 0)
    if (name.endsWith('/run.json')) traces.asked = created
    else if (name.endsWith('/attempt.json')) traces.attempts = Math.max(traces.attempts, number)
    else if (number > traces.results) Object.assign(traces, { results: number, ended: created })
  }
  return runs
}

/** Whether the last attempt has its result. */
export function isOver({ attempts, results }: RunTraces): boolean {
  return results > 0 && results === attempts
}
