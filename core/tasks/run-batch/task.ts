import type { Notify } from '../../batch/batch.ts'
import { defaultNotify } from '../../batch/notify-keys.ts'
import type { Row } from '../../batch/task-keys.ts'
import { agentObject, runPath } from '../../depot.ts'
import type { Inputs } from '../../fields.ts'
import type { FileList } from '../../inputs/resolve.ts'
import { beginRecording, type Recording, readRecording } from '../../notify/commit-record.ts'
import { type Destination, readDestination } from '../../notify/destination.ts'
import { formatPrice, type NoPrice, type Price, priceAtMost } from '../../prices/estimate.ts'
import { type Claim, claimRun } from '../../protocol/claim.ts'
import type { RunRecord } from '../../protocol/records.ts'
import { defineTask, type Session } from '../../task.ts'
import type { AgentBundle, Compute, JobSpec, Objects } from '../../world.ts'
import { attendRun } from './attend.ts'
import { type DayOutcome, runBackfill } from './backfill.ts'
import { type BackfillPlan, planBackfill } from './backfill-plan.ts'
import { reportBackfill } from './backfill-report.ts'
import { gatherFacts } from './facts.ts'
import { fields, outputs } from './fields.ts'
import { openJobBench, planJob, readFailedRun } from './job.ts'
import { tellOfRun } from './news.ts'
import { describeOutcome, type Outcome } from './outcome.ts'
import { planRun } from './plan.ts'
import { type Places, reportOutcome } from './report.ts'
import { digestWork, findWork, rememberWork } from './reuse.ts'
import { digestRows } from './rows.ts'
import { describeStanding } from './standing.ts'

/** What `run` acts on. */
export interface BatchPlan {
  readonly project: string
  readonly bucket: string
  readonly wait: boolean
  readonly retry: boolean
  readonly run: RunRecord
  /** The run is there, and goes on as it was planned. */
  readonly again?: true
  /** Of its tasks; what is printed of them is how many and their digest. */
  readonly rows?: { readonly count: number; readonly sha256: string; readonly read: () => readonly Row[] }
  /** The job of its first attempt, as Google Cloud Batch gets it. */
  readonly job?: JobSpec
  /** What the run may cost at most, for whoever reads the plan. */
  readonly price?: Price | NoPrice
  /** The digest of its work, where the batch wants no work done twice. */
  readonly reuse?: string
  /** The files of the run's inputs, unless an earlier asking has listed them. */
  readonly inputs?: FileList
  readonly slack?: Destination
  readonly notify?: Notify
  readonly record?: Recording
  /** For who shows people the line. */
  readonly places?: Places
}

/** One run: a request becomes a batch on a machine that exists only for it. */
export const runOnce = defineTask({
  name: 'run-batch',
  summary: 'Run a batch on a Compute Engine machine that exists only for it.',
  fields,
  outputs,

  async plan(inputs, session): Promise<BatchPlan> {
    const { project, bucket, wait, retry } = inputs
    const slack = readDestination(inputs, session.spell)
    if (inputs.retryFailed !== undefined) {
      const run = await readFailedRun(inputs.retryFailed, bucket, session)
      return {
        project,
        bucket,
        wait,
        retry: true,
        again: true,
        run,
        ...(slack && { slack, notify: defaultNotify }),
      }
    }
    const facts = await gatherFacts(inputs, session)
    const { notify, name, steps, reuse } = facts.file.batch
    const { list } = facts.inputs
    const record = await readRecording(inputs, name, session)
    const run = planRun(facts)
    const price = priceAtMost(run)
    const places = Object.fromEntries(
      steps.map((step, index) => [step.name, facts.file.locate(['steps', index])]),
    )
    const { rows } = facts
    const job = await planJob(run, bucket, session)
    return {
      ...{ project, bucket, wait, retry, run, price, places },
      ...(rows && { rows: { count: rows.length, sha256: digestRows(rows), read: () => rows } }),
      ...(job && { job }),
      ...(list && { inputs: list }),
      ...(reuse && { reuse: digestWork(run, facts.file) }),
      ...(slack && { slack, notify }),
      ...(record && { record }),
    }
  },

  async run(plan, session): Promise<Outcome> {
    const { world, signal } = session
    const objects = await world.objects(plan.bucket)
    const agent = await world.agent()
    const compute = await world.compute(plan.project)
    await storeAgent(objects, agent)
    signal.throwIfAborted()
    // Before anything exists, so that whatever finishes this work knows what to look for.
    session.saveState('bucket', plan.bucket)
    session.saveState('project', plan.project)
    session.saveState('run', runPath(plan.run.batch, plan.run.id))
    if (plan.notify?.slack === false) session.saveState('silent', 'true')
    session.setOutput('run', runPath(plan.run.batch, plan.run.id))
    const record = plan.record && beginRecording(plan.record, session)
    let outcome: Outcome
    try {
      outcome = await attend(plan, session, objects, compute, agent.bootstrap)
    } catch (error) {
      await record?.end({ state: 'error', text: (error as Error).message })
      throw error
    } finally {
      // A step that was stopped leaves its run to whoever finishes the work; any other end is an end.
      if (!signal.aborted) session.saveState('ended', 'true')
    }
    await Promise.all([tellOfRun(outcome, plan, session), record?.end(describeStanding(outcome))])
    return outcome
  },

  report: (outcome, { places }) => reportOutcome(outcome, places),
})

/** A run, or one for each day of a backfill. */
export const runBatch = defineTask({
  ...runOnce,

  async plan(inputs, session): Promise<BatchPlan | BackfillPlan<Inputs<typeof fields>>> {
    const { backfill } = inputs
    return backfill === undefined
      ? runOnce.plan(inputs, session)
      : planBackfill(inputs, backfill, runOnce, session)
  },

  run: async (plan, session): Promise<Outcome | readonly DayOutcome[]> =>
    'days' in plan ? runBackfill(plan, runOnce, session) : runOnce.run(plan, session),

  report: (result, plan) =>
    'days' in plan
      ? reportBackfill(result as readonly DayOutcome[], plan)
      : runOnce.report(result as Outcome, plan),
})

async function attend(
  plan: BatchPlan,
  session: Session,
  objects: Objects,
  compute: Compute,
  bootstrap: string,
): Promise<Outcome> {
  const { world, context, log, signal } = session
  const { bucket } = plan
  const { batch } = plan.run
  const done = plan.reuse && (await findWork(objects, batch, plan.reuse, (name) => world.objects(name)))
  // `exists` is the same list: its name says what is in it.
  if (plan.inputs && !done)
    await objects.create(plan.inputs.object, plan.inputs.body, { contentType: 'application/json' })
  const again = plan.again && { run: plan.run, path: runPath(batch, plan.run.id), mine: false }
  const claim = again || done || (await claimRun(objects, plan.run))
  announce(claim, log.info)
  const own = { objects, compute, clock: world.clock, log, signal, by: context.by, bucket, bootstrap }
  const job = await openJobBench(own, claim.run, plan, session)
  const bench = { ...own, ...(job && { job }) }
  const attendance = await attendRun(bench, claim, { ...plan, jobAttempt: context.jobAttempt })
  log.endGroup()
  const outcome = describeOutcome(claim, attendance, plan)
  if (plan.reuse && !done && outcome.state === 'succeeded')
    await rememberWork(objects, batch, plan.reuse, outcome)
  return outcome
}

async function storeAgent(objects: Objects, agent: AgentBundle): Promise<void> {
  const name = agentObject(agent.digest)
  if ((await objects.stat(name)) !== undefined) return
  // `exists` is another controller of this version: the name says what is in it, and the machine checks that.
  await objects.create(name, { file: agent.file }, { contentType: 'text/javascript' })
}

function announce({ run, path, mine, reused }: Claim, info: (line: string) => void): void {
  const code = run.code === undefined ? 'without code' : `code ${run.code.name}@${run.code.tag}`
  const how = mine ? 'Run' : reused ? 'The same inputs have succeeded before: run' : 'Found run'
  info(`${how} ${path}: ${countTasks(run)}image ${run.image.name}, ${run.machine.type}, ${code}`)
  if (mine) info(`Price ${formatPrice(priceAtMost(run))}`)
}

function countTasks({ tasks }: RunRecord): string {
  if (tasks === undefined) return ''
  return `${tasks.count} ${tasks.count === 1 ? 'task' : 'tasks'}, ${tasks.parallelism} at once, `
}
