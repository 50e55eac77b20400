import type { History } from '../history.ts'
import { type Result, type Run, readNumber, readResults, type Violation, wasAtWork } from './promised.ts'

/** I3, I4: a result says what the work came to; a success has a machine that ended its work with 0, and all outputs. */
export function checkResults(history: History, { path, outputs }: Run): readonly Violation[] {
  return [...readResults(history, path)].flatMap(([attempt, result]) => {
    const work = history.works.find(
      (each) => each.path === path && each.attempt === attempt && each.instanceId === result.instanceId,
    )
    const what = `${path}, attempt ${attempt}: ${JSON.stringify(result)}, work ${JSON.stringify(work)}`
    if (result.state === 'succeeded') {
      const stored = result.outputs.every(({ uri, bytes }) =>
        history.writes.some(({ name, text }) => uri.endsWith(`/${name}`) && text.length === bytes),
      )
      const earned = result.by === 'machine' && work?.exitCode === 0 && result.exitCode === 0
      return earned && stored && result.outputs.length === outputs.length
        ? []
        : [{ invariant: 'I4 success', what }]
    }
    if (result.exitCode === 0) return [{ invariant: 'I4 success', what }]
    if (result.reason !== 'user' || work?.exitCode === result.exitCode) return []
    return [{ invariant: 'I3 code', what }]
  })
}

/** I3: a run is called lost when its machine has ended, and timed out when its time is over; not when nobody knows. */
export function checkLosses({ writes, works }: History, { path, timeoutSeconds }: Run): readonly Violation[] {
  return writes.flatMap(({ at, name, by, text }) => {
    if (!name.startsWith(`${path}/`) || !name.endsWith('/result.json')) return []
    const { state, by: whose } = JSON.parse(text) as Result
    if (whose !== 'controller' || (state !== 'lost' && state !== 'timed-out')) return []
    const work = works.find(
      (each) => each.path === path && each.attempt === readNumber(name) && wasAtWork(each, at),
    )
    if (work === undefined || (state === 'timed-out' && at - work.started >= timeoutSeconds * 1000)) return []
    return [{ invariant: 'I3 lost', what: `${by} called ${name} ${state} while it was at work` }]
  })
}
