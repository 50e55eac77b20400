import { runObjects } from '../../depot.ts'
import { type Attempt, decideNext, openAttempt, readAttempts } from '../../protocol/attempts.ts'
import { readPatience } from '../../protocol/choices.ts'
import type { Claim } from '../../protocol/claim.ts'
import { type Departure, removeMachine } from '../../protocol/departure.ts'
import { followAttempt, type Watch, watchAbort } from '../../protocol/follow.ts'
import { createMachine, type Foundry, findMachine, type Machine } from '../../protocol/machine.ts'
import type { Phase, ResultRecord } from '../../protocol/records.ts'
import { cancelled, readAbortCode, sealAttempt, type Verdict } from '../../protocol/seal.ts'
import { attendJob, closeJob, type JobBench, listUnfinished } from './attend-job.ts'
import { judgeRefusal } from './refusals.ts'

/** All that attending to a run needs; with engine cloud-batch, what its job needs too. */
export type Bench = Watch & Foundry & { readonly job?: JobBench }

export interface Wish {
  readonly jobAttempt: number
  readonly retry: boolean
  readonly wait: boolean
}

/** How a run stands when its attendant lets go of it. */
export interface Attendance {
  readonly attempt: Attempt
  /** The attempts before it, in order, where the attendant has read them. */
  readonly earlier?: readonly Attempt[]
  readonly machine?: Machine
  /** Absent while the run goes on unattended. */
  readonly result?: ResultRecord
  readonly departure?: Departure
  /** How the tasks of a run stand that goes on, in a line. */
  readonly figures?: string
  /** What the attendant measured around the machine's own phases. */
  readonly before: readonly Phase[]
  readonly after: readonly Phase[]
}

const budgets = {
  /** To see a machine gone after its result. */
  removal: 5 * 60_000,
  /** The same when the host wants to stop: GitHub gives 7.5 s between its first signal and the second. */
  hurriedRemoval: 5000,
  /** For an insert that is under way when the host wants to stop. */
  insert: 2000,
  /** An attempt without a machine is given one while its first asker may still be at it, and this much longer. */
  adoption: 10 * 60_000,
}

/** Opens, follows and ends attempts until the run is over; every end of an attempt ends its machine first. */
export async function attendRun(bench: Bench, claim: Claim, wish: Wish): Promise<Attendance> {
  let attempts = claim.mine ? [] : await readAttempts(bench.objects, claim.path)
  // Of the last attempt: its machine has been seen gone by this caller.
  let proven = false
  for (;;) {
    const next = decideNext(claim.run, attempts, wish)
    if (next.do === 'report') return concludeRun(bench, claim, attempts)
    if (next.do === 'open' && attempts.length > 0 && !proven) {
      // Whoever ended it may have died before its machine did; beside one that may be at work there is no other.
      const ended = await concludeRun(bench, claim, attempts)
      if (!ended.departure?.gone) return ended
    }
    const attempt =
      next.do === 'follow'
        ? next.attempt
        : await openAttempt(
            bench.objects,
            claim.path,
            claim.run,
            next.number,
            wish.jobAttempt,
            bench.clock.now(),
            bench.job && (await listUnfinished(bench.job, claim, attempts)),
          )
    const earlier = attempts.filter(({ record }) => record.number < attempt.record.number)
    const attendance = {
      ...(bench.job
        ? await attendJob(bench.job, claim, attempt, wish.wait)
        : await attendAttempt(bench, claim, attempt, wish.wait)),
      earlier,
    }
    if (attendance.result === undefined || bench.signal.aborted) return attendance
    if (attendance.departure?.gone === false) return attendance
    proven = true
    attempts = [...earlier, attendance.attempt]
    // A retry is asked for once; what is opened after that is the run's own budget.
    wish = { ...wish, retry: false }
    if (decideNext(claim.run, attempts, wish).do === 'report') return attendance
    bench.log.warn(`${attendance.result.message} Trying again on another machine.`)
  }
}

async function attendAttempt(
  bench: Bench,
  claim: Claim,
  attempt: Attempt,
  wait: boolean,
): Promise<Attendance> {
  const { clock } = bench
  const began = clock.now()
  const obtained = await obtainMachine(bench, claim, attempt)
  const seconds = (clock.now() - began) / 1000
  const machine = 'name' in obtained ? obtained : undefined
  const before = attempt.fresh ? [{ name: 'create', seconds }] : []
  if (machine !== undefined && !wait) return { attempt, machine, before, after: [] }
  const { result, started } =
    'verdict' in obtained
      ? { result: await sealAttempt(bench.objects, claim.path, attempt.record.number, obtained.verdict) }
      : await followAttempt(bench, claim.run, claim.path, attempt, machine)
  const ended = { ...attempt, result }
  const bootSeconds =
    started === undefined ? 0 : (started - attempt.created) / 1000 - (attempt.fresh ? seconds : 0)
  const closing = await closeAttempt(bench, claim, ended)
  return {
    attempt: ended,
    ...(machine && { machine }),
    result,
    before: started === undefined ? before : [...before, { name: 'boot', seconds: Math.max(0, bootSeconds) }],
    ...closing,
  }
}

/** The run was over before: its last result, and the certainty that its machine is gone. */
async function concludeRun(bench: Bench, claim: Claim, attempts: readonly Attempt[]): Promise<Attendance> {
  const attempt = attempts.at(-1) as Attempt
  const earlier = attempts.slice(0, -1)
  const { departure } = await closeAttempt(bench, claim, attempt)
  const { result } = attempt
  return { attempt, earlier, ...(result && { result }), departure, before: [], after: [] }
}

async function closeAttempt(bench: Bench, claim: Claim, attempt: Attempt) {
  if (bench.job) return closeJob(bench.job, claim, attempt)
  const { clock, signal } = bench
  const began = clock.now()
  const budget = signal.aborted ? budgets.hurriedRemoval : budgets.removal
  const departure = await removeMachine(bench.compute, clock, claim.run, attempt, budget)
  return { departure, after: [{ name: 'delete', seconds: (clock.now() - began) / 1000 }] }
}

type Obtained = Machine | { readonly verdict: Verdict } | { readonly none: true }

/** The attempt's machine: found, or made. `none`: there was one, and it is gone. */
async function obtainMachine(bench: Bench, claim: Claim, attempt: Attempt): Promise<Obtained> {
  const { compute, clock, objects, signal } = bench
  const { number } = attempt.record
  if (!attempt.fresh) {
    const found = await findMachine(compute, claim.run, attempt)
    if (found !== undefined) return found
    const started = await objects.stat(runObjects.started(claim.path, number))
    const budget = budgets.adoption + readPatience(claim.run)
    if (started !== undefined || clock.now() - attempt.created > budget) return { none: true }
  }
  const isOver = async () => (await objects.stat(runObjects.result(claim.path, number))) !== undefined
  const creation = createMachine(bench, claim.run, claim.path, attempt, isOver).then(
    (machine) => machine ?? { none: true as const },
    judgeRefusal,
  )
  const obtained = await Promise.race([creation, watchAbort(signal)])
  if (obtained !== undefined) return obtained
  // An insert that is under way may still have its effect: give it a moment, so that its machine is seen and deleted.
  await Promise.race([creation, clock.sleep(budgets.insert)])
  return { verdict: cancelled(bench.by, readAbortCode(signal)) }
}
