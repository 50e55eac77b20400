import type { History, Life } from '../history.ts'
import { describe, isOurs, readNumber, readResults, runOf, type Violation } from './promised.ts'

/** I6, I9: when faults are over everyone ends, the run has one result for each attempt, and no machine of it is left. */
export function checkEnds(history: History): readonly Violation[] {
  const { stuck, told, lives, writes } = history
  const invariant = 'I9 end'
  const violations = stuck.map((name) => ({ invariant, what: `${name} never ended` }))
  const last = told.find(({ by }) => by === 'auditor')
  // Somebody's instance with our machine's name is a conflict, and is told as one.
  const isDisputed = lives.some((life) => life.name.startsWith('mayfly-') && !isOurs(life))
  const conflict = isDisputed && last?.error?.startsWith('ConflictError')
  if (last && !conflict) {
    if (last.error !== undefined) violations.push({ invariant, what: describe(last) })
    const { run = '' } = last
    const results = readResults(history, run)
    const isOfRun = ({ name }: { readonly name: string }) => name.startsWith(`${run}/`)
    for (const { name } of writes.filter((write) => isOfRun(write) && write.name.endsWith('/attempt.json')))
      if (!results.has(readNumber(name))) violations.push({ invariant, what: `${name} has no result` })
    if (last.machineGone === false) violations.push({ invariant, what: describe(last) })
    for (const { id } of lives.filter((life) => runOf(life) === run && isLeft(life, history, last.at)))
      violations.push({ invariant, what: `machine ${id} was left` })
  }
  return violations
}

/** A copy may still be going when the caller is told of its end. */
const seeingMs = 2 * 3_600_000

/**
 * A copy that nobody asked for any more, or that another machine was preferred to, and that a host error then stopped:
 * `sweep` finds it by its labels. Nothing else may remain.
 */
function isLeft(life: Life, { lives, works, writes }: History, at: number): boolean {
  const { id, name, created, gone = Number.POSITIVE_INFINITY, ended, labels } = life
  if (created > at || gone <= at + seeingMs) return false
  const attempt = Number(labels['mayfly-attempt'])
  const over = writes.find((write) => write.name === `${runOf(life)}/a${attempt}/result.json`)?.at ?? 0
  const isCopy = created > over || lives.some((life) => life.name === name && life.id !== id)
  const worked = works.some((work) => work.instanceId === id)
  return worked || !isCopy || ended === undefined || !(Number(labels['mayfly-deadline']) > 0)
}
