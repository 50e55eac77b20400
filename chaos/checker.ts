import type { History, Life, Told, Work, Write } from './history.ts'

/** A promise that was broken, and by what. */
export interface Violation {
  readonly invariant: string
  readonly what: string
}

/** What the promises are made about. */
export interface Promised {
  readonly path: string
  readonly timeoutSeconds: number
}

interface Result {
  readonly by: 'machine' | 'controller'
  readonly state: string
  readonly reason?: string
  readonly exitCode: number
  readonly began: boolean
  readonly instanceId?: string
  readonly outputs: readonly { readonly uri: string; readonly bytes: number }[]
}

/** Google ends a machine at its deadline: up to 30 s late, and up to 120 s for the shutdown. */
const graceMs = 150_000

/** Compares what happened with what is promised. It knows nothing of how the product keeps its promises. */
export function check(history: History, promised: Promised): readonly Violation[] {
  return [
    ...checkLives(history, promised),
    ...checkStarts(history, promised),
    ...checkTold(history, promised),
    ...checkResults(history, promised),
    ...checkLosses(history, promised),
    ...checkReleases(history),
    ...checkRecords(history, promised),
    ...checkForeign(history),
    ...checkEnds(history, promised),
  ]
}

/** I1: no machine runs past its deadline, even if every program that knew of it is dead. */
function checkLives({ lives }: History, { timeoutSeconds }: Promised): readonly Violation[] {
  return lives.filter(isOurs).flatMap(({ id, running, ended = Number.POSITIVE_INFINITY }) => {
    if (running === undefined || ended <= running + timeoutSeconds * 1000 + graceMs) return []
    return [{ invariant: 'I1 deadline', what: `machine ${id} ran for ${(ended - running) / 1000} s` }]
  })
}

/** I2: the work of an attempt starts once; and never, where its result says so. */
function checkStarts(history: History, promised: Promised): readonly Violation[] {
  const violations: Violation[] = []
  for (const [attempt, works] of groupWorks(history.works)) {
    if (works.length > 1)
      violations.push({ invariant: 'I2 once', what: `attempt ${attempt} was started ${works.length} times` })
    const result = readResults(history, promised).get(attempt)
    if (result && !result.began)
      violations.push({ invariant: 'I2 never', what: `attempt ${attempt} began, against its result` })
  }
  return violations
}

/** I3: what callers are told is what is recorded, and nobody is told of an end that work goes on after. */
function checkTold(history: History, promised: Promised): readonly Violation[] {
  const results = readResults(history, promised)
  return history.told.flatMap((told) => {
    const invariant = 'I3 told'
    if (told.error !== undefined) return isHonestError(told) ? [] : [{ invariant, what: describe(told) }]
    if (told.attempt === undefined) return []
    const result = results.get(told.attempt)
    if (told.state === 'running') return told.exitCode === 0 ? [] : [{ invariant, what: describe(told) }]
    const same = result?.state === told.state && result?.exitCode === told.runExitCode
    const what = `${describe(told)}; recorded: ${JSON.stringify(result)}`
    const violations = same ? [] : [{ invariant, what }]
    if (
      told.machineGone &&
      history.works.some((work) => work.attempt === told.attempt && wasAtWork(work, told.at))
    )
      violations.push({ invariant: 'I3 gone', what: `${describe(told)}; its machine was at work` })
    return violations
  })
}

/** I3, I4: a result says what the work came to; a success has a machine that ended its work with 0, and all outputs. */
function checkResults(history: History, promised: Promised): readonly Violation[] {
  return [...readResults(history, promised)].flatMap(([attempt, result]) => {
    const work = history.works.find(
      (each) => each.attempt === attempt && each.instanceId === result.instanceId,
    )
    const what = `attempt ${attempt}: ${JSON.stringify(result)}, work ${JSON.stringify(work)}`
    if (result.state === 'succeeded') {
      const stored = result.outputs.every(({ uri, bytes }) =>
        history.writes.some(({ name, text }) => uri.endsWith(`/${name}`) && text.length === bytes),
      )
      const earned = result.by === 'machine' && work?.exitCode === 0 && result.exitCode === 0
      return earned && stored && result.outputs.length > 0 ? [] : [{ invariant: 'I4 success', what }]
    }
    if (result.exitCode === 0) return [{ invariant: 'I4 success', what }]
    if (result.reason !== 'user' || work?.exitCode === result.exitCode) return []
    return [{ invariant: 'I3 code', what }]
  })
}

/** I3: a run is called lost when its machine has ended, not when nobody knows. */
function checkLosses({ writes, works }: History, { path }: Promised): readonly Violation[] {
  return writes.flatMap(({ at, name, by, text }) => {
    if (!name.startsWith(path) || !name.endsWith('/result.json')) return []
    const { state, by: whose } = JSON.parse(text) as Result
    if (state !== 'lost' || whose !== 'controller') return []
    const work = works.find((each) => each.attempt === readNumber(name) && wasAtWork(each, at))
    return work ? [{ invariant: 'I3 lost', what: `${by} called ${name} lost while it was at work` }] : []
  })
}

/** I5: a release's objects never change, and whoever was told of a success has the code that he uploaded. */
function checkReleases({ writes, told }: History): readonly Violation[] {
  const pointer = writes.find(({ name }) => name.startsWith('code/') && name.endsWith('.json'))
  const digest = pointer && (JSON.parse(pointer.text) as { digest: string }).digest
  return [
    ...writes
      .filter(({ name, replaced }) => replaced && name.startsWith('code/'))
      .map(({ name, by }) => ({ invariant: 'I5 release', what: `${by} replaced ${name}` })),
    ...told
      .filter((each) => each.digest !== undefined && each.digest !== digest)
      .map((each) => ({ invariant: 'I5 release', what: `${describe(each)}; the tag has ${digest}` })),
  ]
}

/** I6: every record is written once. */
function checkRecords({ writes }: History, { path }: Promised): readonly Violation[] {
  return writes
    .filter(({ name, replaced }) => replaced && name.startsWith(path) && !name.includes('/outputs/'))
    .map(({ name, by }) => ({ invariant: 'I6 record', what: `${by} replaced ${name}` }))
}

/** I8: what does not bear our labels is never deleted. */
function checkForeign({ lives }: History): readonly Violation[] {
  return lives
    .filter((life) => !isOurs(life) && life.ended !== undefined)
    .map(({ name }) => ({ invariant: 'I8 foreign', what: `${name} was deleted` }))
}

/** I6, I9: when faults are over everyone ends, the run has one result for each attempt, and no machine is left. */
function checkEnds(history: History, promised: Promised): readonly Violation[] {
  const { stuck, told, lives, writes } = history
  const invariant = 'I9 end'
  const violations = stuck.map((name) => ({ invariant, what: `${name} never ended` }))
  const last = told.find(({ by }) => by === 'auditor')
  // Somebody's instance with our machine's name is a conflict, and is told as one.
  const conflict =
    last?.error?.startsWith('ConflictError') && (last.digest === undefined || isAmbiguous(writes))
  if (last && !conflict) {
    if (last.error !== undefined) violations.push({ invariant, what: describe(last) })
    const results = readResults(history, promised)
    for (const { name } of writes.filter((write) => write.name.endsWith('/attempt.json')))
      if (!results.has(readNumber(name))) violations.push({ invariant, what: `${name} has no result` })
    if (last.machineGone === false) violations.push({ invariant, what: describe(last) })
    for (const { id } of lives.filter((life) => isOurs(life) && isLeft(life, history)))
      violations.push({ invariant, what: `machine ${id} was left` })
  }
  return violations
}

/**
 * A copy that nobody asked for any more, or that another machine was preferred to, and that a host error then stopped:
 * `sweep` finds it by its labels. Nothing else may remain.
 */
function isLeft(
  { id, name, created, gone, ended, labels }: Life,
  { lives, works, writes }: History,
): boolean {
  if (gone !== undefined) return false
  const attempt = Number(labels['mayfly-attempt'])
  const over = writes.find((write) => write.name.endsWith(`/a${attempt}/result.json`))?.at ?? 0
  const isCopy = created > over || lives.some((life) => life.name === name && life.id !== id)
  const worked = works.some((work) => work.instanceId === id)
  return worked || !isCopy || ended === undefined || !(Number(labels['mayfly-deadline']) > 0)
}

function isAmbiguous(writes: readonly Write[]): boolean {
  return writes.some(({ name }) => name.startsWith('code/'))
}

function isOurs({ labels }: Life): boolean {
  return labels.tool === 'mayfly'
}

/** An error is no verdict about the run: 70 says that nobody knows, 65 that nothing was done. */
function isHonestError({ exitCode, error }: Told): boolean {
  if (error?.startsWith('ConflictError')) return exitCode === 65
  if (error?.startsWith('InputError')) return exitCode === 64
  return exitCode === 70 || exitCode === 130
}

function wasAtWork({ started, ended = Number.POSITIVE_INFINITY }: Work, at: number): boolean {
  return started < at && at < ended
}

/** Results by attempt, as they were first written. */
function readResults({ writes }: History, { path }: Promised): ReadonlyMap<number, Result> {
  const results = new Map<number, Result>()
  for (const { name, text } of writes) {
    if (!name.startsWith(path) || !name.endsWith('/result.json')) continue
    const number = readNumber(name)
    if (!results.has(number)) results.set(number, JSON.parse(text))
  }
  return results
}

/** The attempt in `runs/<batch>/<id>/a<number>/…`. */
function readNumber(name: string): number {
  return Number(name.split('/')[3]?.slice(1))
}

function groupWorks(works: readonly Work[]): ReadonlyMap<number, readonly Work[]> {
  return Map.groupBy(works, ({ attempt }) => attempt)
}

function describe(told: Told): string {
  return `told: ${JSON.stringify(told)}`
}
