import type { History } from '../history.ts'
import { buildSeconds } from '../scenario.ts'
import { isOurs, isSweeper, type Run, readResults, runOf, type Violation, wasAtWork } from './promised.ts'

/** Google ends a machine at its deadline: up to 30 s late, and up to 120 s for the shutdown. */
const graceMs = 150_000

/** I1: no machine runs past its deadline, even if every program that knew of it is dead. */
export function checkLives({ lives }: History, runs: readonly Run[]): readonly Violation[] {
  return lives.filter(isOurs).flatMap((life) => {
    const { id, running, ended = Number.POSITIVE_INFINITY } = life
    const timeoutSeconds = runs.find(({ path }) => path === runOf(life))?.timeoutSeconds ?? buildSeconds
    if (running === undefined || ended <= running + timeoutSeconds * 1000 + graceMs) return []
    return [{ invariant: 'I1 deadline', what: `machine ${id} ran for ${(ended - running) / 1000} s` }]
  })
}

/** I2: the work of an attempt starts once, and never where its result says so; and no two are at work at once. */
export function checkStarts(history: History, { path }: Run): readonly Violation[] {
  const violations: Violation[] = []
  const all = history.works.filter((work) => work.path === path)
  for (const [attempt, works] of Map.groupBy(all, ({ attempt }) => attempt)) {
    if (works.length > 1)
      violations.push({ invariant: 'I2 once', what: `attempt ${attempt} was started ${works.length} times` })
    const result = readResults(history, path).get(attempt)
    if (result && !result.began)
      violations.push({ invariant: 'I2 never', what: `attempt ${attempt} began, against its result` })
  }
  const works = all.toSorted((one, other) => one.started - other.started)
  for (const [index, work] of works.entries()) {
    const before = works[index - 1]
    if (before && wasAtWork(before, work.started))
      violations.push({ invariant: 'I2 alone', what: `attempts ${before.attempt} and ${work.attempt} met` })
  }
  return violations
}

/** I8: what does not bear our labels is never deleted, and what does is not before its time is over. */
export function checkForeign({ lives }: History): readonly Violation[] {
  return lives.flatMap((life) => {
    const { name, id, labels, ended, removed } = life
    if (!isOurs(life))
      return ended === undefined ? [] : [{ invariant: 'I8 foreign', what: `${name} was deleted` }]
    const early = removed && isSweeper(removed.by) && removed.at <= Number(labels['mayfly-deadline']) * 1000
    return early ? [{ invariant: 'I8 early', what: `${removed.by} deleted ${name}, ${id}` }] : []
  })
}
