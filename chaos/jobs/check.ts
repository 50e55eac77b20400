import { readRanges } from '../../core/cloud-batch/ranges.ts'
import type { ResultRecord } from '../../core/protocol/records.ts'
import type { Violation } from '../checks/promised.ts'
import type { Work } from '../history.ts'
import type { Told } from './story.ts'

/** Compares what happened to a job with what is promised of it. */
export function checkJob(told: Told): readonly Violation[] {
  return [
    ...checkRecords(told),
    ...checkTasks(told),
    ...checkRun(told),
    ...checkAnswers(told),
    ...checkEnd(told),
  ]
}

type Kept = Pick<ResultRecord, 'state' | 'exitCode' | 'by' | 'instanceId' | 'tasks'>

interface Written {
  readonly at: number
  readonly result: Kept
}

/** Results by the names of their objects. */
function readResults({ history }: Told, prefix: string): ReadonlyMap<string, Written> {
  return new Map(
    history.writes
      .filter(({ name }) => name.startsWith(prefix) && name.endsWith('/result.json'))
      .map(({ name, text, at }) => [name, { at, result: JSON.parse(text) as Kept }]),
  )
}

const tasksOf = ({ path }: Told) => path.replace(/^runs\//, 'tasks/')

/** Nothing that is created once is ever replaced. */
function checkRecords({ history }: Told): readonly Violation[] {
  return history.writes
    .filter(({ replaced }) => replaced)
    .map(({ name, by }) => ({ invariant: 'J1 record', what: `${by} replaced ${name}` }))
}

/** A task's work begins no more often than it may, and never again once it is done and recorded. */
function checkTasks(told: Told): readonly Violation[] {
  const { history, run } = told
  const works = new Map<string, Work[]>()
  for (const work of history.works) works.set(work.path, [...(works.get(work.path) ?? []), work])
  const results = readResults(told, tasksOf(told))
  const violations: Violation[] = []
  for (const [path, all] of works) {
    if (all.length > run.attempts)
      violations.push({
        invariant: 'J2 starts',
        what: `${path} began ${all.length} times of ${run.attempts}`,
      })
    for (const work of all) {
      const earlier = [...results].find(
        ([name, { at, result }]) =>
          nameTask(name) === nameTask(path) && result.state === 'succeeded' && at < work.started,
      )
      if (earlier) violations.push({ invariant: 'J2 again', what: `${path} began again after ${earlier[0]}` })
    }
  }
  for (const [name, { result }] of results) {
    if (result.state !== 'succeeded') continue
    const earned = history.works.some(
      (work) =>
        name === `${work.path}/a${work.attempt}/result.json` &&
        work.instanceId === result.instanceId &&
        work.exitCode === 0,
    )
    if (!earned) violations.push({ invariant: 'J3 success', what: `${name} is no work's` })
  }
  return violations
}

/** `t000003`, in whichever attempt. */
function nameTask(name: string): string | undefined {
  return /\/(t\d{6})(?:\/|$)/.exec(name)?.[1]
}

/** A run's result says of every task what its own last result says, and nothing begins after it. */
function checkRun(told: Told): readonly Violation[] {
  const { history, path, run } = told
  const violations: Violation[] = []
  for (const [name, { at, result }] of readResults(told, `${path}/`)) {
    const attempt = Number(/\/a(\d+)\/result\.json$/.exec(name)?.[1])
    const own = history.works.filter((work) => work.path.startsWith(`${tasksOf(told)}/a${attempt}/`))
    const late = own.find(({ started }) => started > at)
    if (late) violations.push({ invariant: 'J4 late', what: `${late.path} began after ${name}` })
    const { tasks } = result
    if (tasks === undefined) continue
    const unfinished = new Set(readRanges(tasks.unfinished))
    if (result.state === 'succeeded' && unfinished.size > 0)
      violations.push({ invariant: 'J5 tally', what: `${name} succeeded without ${tasks.unfinished}` })
    const recorded = readResults(told, `${tasksOf(told)}/`)
    for (let index = 0; index < (run.tasks?.count ?? 1); index++) {
      const task = `t${String(index).padStart(6, '0')}`
      const done = [...recorded].some(
        ([
          each,
          {
            at: then,
            result: { state },
          },
        ]) => nameTask(each) === task && state === 'succeeded' && then <= at,
      )
      const what = `${name} says ${unfinished.has(index) ? 'unfinished' : 'done'} of ${task}`
      if (!unfinished.has(index) && !done) violations.push({ invariant: 'J5 tally', what })
      // Who is cancelled says what is known by then.
      if (unfinished.has(index) && done && result.state !== 'cancelled')
        violations.push({ invariant: 'J5 tally', what })
    }
  }
  return violations
}

/** Everyone is told what is recorded, and an error is no verdict. */
function checkAnswers(told: Told): readonly Violation[] {
  const results = readResults(told, `${told.path}/`)
  return told.history.told.flatMap((each) => {
    const what = JSON.stringify(each)
    if (each.error?.startsWith('a bug')) return [{ invariant: 'J6 told', what }]
    if (each.error !== undefined || each.attempt === undefined || each.state === 'running') return []
    const result = results.get(`${told.path}/a${each.attempt}/result.json`)?.result
    const same = result?.state === each.state && result?.exitCode === each.runExitCode
    const gone =
      each.machineGone &&
      told.history.works.some(
        (work) =>
          work.path.includes(`/a${each.attempt}/`) &&
          work.started < each.at &&
          (work.ended ?? Infinity) > each.at,
      )
    return [
      ...(same ? [] : [{ invariant: 'J6 told', what: `${what}; recorded ${JSON.stringify(result)}` }]),
      ...(gone ? [{ invariant: 'J6 gone', what: `${what}; a task was at work` }] : []),
    ]
  })
}

/** On a calm day everybody comes to an end, the last one with a result, and nothing is left. */
function checkEnd({ history, left }: Told): readonly Violation[] {
  const auditor = history.told.find(({ by }) => by === 'auditor')
  return [
    ...history.stuck.map((name) => ({ invariant: 'J7 stuck', what: name })),
    ...(auditor?.state === undefined || auditor.state === 'running'
      ? [{ invariant: 'J7 result', what: JSON.stringify(auditor) }]
      : []),
    ...left.map((name) => ({ invariant: 'J8 left', what: name })),
  ]
}
