import { CancelledError, MayflyError } from '../../errors.ts'
import { linkJob } from '../../notify/console.ts'
import { tell } from '../../notify/tell.ts'
import { inParallel } from '../../parallel.ts'
import type { Session } from '../../task.ts'
import {
  type Ask,
  atDay,
  type BackfillPlan,
  type Once,
  type OncePlan,
  type PlannedDay,
} from './backfill-plan.ts'
import { describeDay, explainFailure, titleOf } from './backfill-report.ts'
import { openDayLog } from './day-log.ts'
import { isFailure } from './history.ts'
import { onlyLeftovers } from './news.ts'
import type { Outcome } from './outcome.ts'

/** What a day came to. `outcome` is absent where it could not even be asked for. */
export interface DayOutcome {
  readonly day: string
  readonly run: string
  readonly state: Outcome['state']
  readonly exitCode: number
  readonly message: string
  /** It was over, or going on, before. */
  readonly followed: boolean
  readonly seconds: number
  readonly outcome?: Outcome
}

/** Runs the days, some at a time, and goes on when one fails. Gives what each came to, in order. */
export async function runBackfill<Inputs extends Ask, Plan extends OncePlan>(
  plan: BackfillPlan<Inputs>,
  once: Once<Inputs, Plan>,
  session: Session,
): Promise<readonly DayOutcome[]> {
  const { days, parallelism } = plan
  const { log, signal } = session
  // Before anything exists, so that whatever finishes this work knows what to look for.
  session.saveState('bucket', plan.bucket)
  session.saveState('project', plan.project)
  session.saveState('run', days.map(({ run }) => run).join('\n'))
  if (plan.notify?.slack === false) session.saveState('silent', 'true')
  log.info(
    `Backfill of ${days.length} days, ${days[0]?.day} to ${days.at(-1)?.day}, ${parallelism} at a time`,
  )
  const ended = new Map<string, DayOutcome>()
  try {
    await inParallel(days, parallelism, async (each) => {
      const outcome = await runDay(each, plan, once, session)
      ended.set(each.day, outcome)
      log.info(`${describeDay(outcome)} (${ended.size} of ${days.length})`)
    })
  } finally {
    if (!signal.aborted) session.saveState('ended', 'true')
  }
  const outcomes = days.flatMap(({ day }) => ended.get(day) ?? [])
  await tellOfBackfill(outcomes, plan, session)
  return outcomes
}

async function runDay<Inputs extends Ask, Plan extends OncePlan>(
  { day, key, run }: PlannedDay,
  { ask, param }: BackfillPlan<Inputs>,
  once: Once<Inputs, Plan>,
  session: Session,
): Promise<DayOutcome> {
  const { clock } = session.world
  const began = clock.now()
  const log = openDayLog(session.log, day)
  const lent = { ...session, log, saveState: () => undefined, setOutput: () => undefined }
  const base = { day, run }
  const measure = () => (clock.now() - began) / 1000
  try {
    session.signal.throwIfAborted()
    const planned = await once.plan(atDay(ask, param, day, key), lent)
    // People hear of the whole backfill, not of every day of it.
    const outcome = await once.run({ ...planned, notify: onlyLeftovers }, lent)
    const { state, exitCode, message, followed } = outcome
    return { ...base, state, exitCode, message, followed, seconds: measure(), outcome }
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error
    const state = error instanceof CancelledError ? 'cancelled' : 'failed'
    const { message, exitCode } = error
    return { ...base, state, exitCode, message, followed: false, seconds: measure() }
  } finally {
    log.end()
  }
}

/** One message for all days, if it is one that people want to hear of. */
async function tellOfBackfill(
  days: readonly DayOutcome[],
  plan: BackfillPlan,
  session: Session,
): Promise<void> {
  const { slack, notify } = plan
  const failed = days.some(({ state }) => isFailure(state))
  const wanted = notify?.slack === true && notify.on.includes(failed ? 'failure' : 'success')
  if (!wanted || days.some(({ state }) => state === 'cancelled')) return
  await tell(session, slack, {
    title: titleOf(days, plan),
    ...(failed && { detail: explainFailure(days) ?? '' }),
    facts: [],
    links: linkJob(session.context.link),
  })
}
