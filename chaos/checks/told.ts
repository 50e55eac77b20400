import type { History, Told } from '../history.ts'
import { describe, readResults, type Violation, wasAtWork } from './promised.ts'

/** I3: what callers are told is what is recorded, and nobody is told of an end that work goes on after. */
export function checkTold(history: History): readonly Violation[] {
  return history.told.flatMap((told) => {
    const invariant = 'I3 told'
    if (told.error !== undefined) return isHonestError(told) ? [] : [{ invariant, what: describe(told) }]
    if (told.attempt === undefined || told.run === undefined) return []
    const { run } = told
    const result = readResults(history, run).get(told.attempt)
    if (told.state === 'running') return told.exitCode === 0 ? [] : [{ invariant, what: describe(told) }]
    const same = result?.state === told.state && result?.exitCode === told.runExitCode
    const what = `${describe(told)}; recorded: ${JSON.stringify(result)}`
    const violations = same ? [] : [{ invariant, what }]
    if (
      told.machineGone &&
      history.works.some(
        (work) => work.path === run && work.attempt === told.attempt && wasAtWork(work, told.at),
      )
    )
      violations.push({ invariant: 'I3 gone', what: `${describe(told)}; its machine was at work` })
    return violations
  })
}

/** I3: whoever follows hears every line of an attempt once and in order. */
export function checkHeard(told: Told): readonly Violation[] {
  const parts = told.heard.map((line) => Number(line.split(' ')[1]))
  const ordered = parts.every((part, index) => part === 1 || part === (parts[index - 1] ?? 0) + 1)
  return ordered ? [] : [{ invariant: 'I3 log', what: describe(told) }]
}

/**
 * An error is no verdict about the run: 70 says that nobody knows, 65 that nothing was done; 69 and 73 are Google's own
 * words about room and quota. A build's own failure says what it was.
 */
function isHonestError({ exitCode, error = '' }: Told): boolean {
  const kind = error.split(':')[0] as string
  const codes = { ConflictError: [65], InputError: [64], CloudError: [65, 69, 70, 73] }[kind]
  return codes?.includes(exitCode) ?? (kind !== 'a bug' && exitCode !== 0)
}
