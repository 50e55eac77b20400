import type { Notify } from '../../batch/batch.ts'
import { agentObject, runPath } from '../../depot.ts'
import { cloudFields, dryRunField, flag, map, text } from '../../fields.ts'
import type { FileList } from '../../inputs/resolve.ts'
import { type Destination, readDestination, slackFields } from '../../notify/destination.ts'
import { type Claim, claimRun } from '../../protocol/claim.ts'
import type { RunRecord } from '../../protocol/records.ts'
import { defineTask, type Session } from '../../task.ts'
import type { AgentBundle, Compute, Objects } from '../../world.ts'
import { attendRun } from './attend.ts'
import { gatherFacts } from './facts.ts'
import { tellOfRun } from './news.ts'
import { describeOutcome, type Outcome } from './outcome.ts'
import { planRun } from './plan.ts'
import { reportOutcome } from './report.ts'

const fields = {
  batch: text({
    description: 'The batch file.',
    default: 'batch.yaml',
    positional: true,
  }),
  params: map({
    description: "Values for the batch's params, `name=value` a line.",
    example: 'date=2026-11-01',
    flag: 'param',
  }),
  code: text({
    description:
      'The code release to run, `name@tag`, or `none`. Without it the batch file decides, and without that it is this repository at the tag at hand.',
    example: 'recommender@v1.4.0',
  }),
  key: text({
    description:
      'Names the run: asking again for a key that runs follows it, for one that is over reports it. Without it, the batch file may name the run, and without that the CI job does, so that a retried job finds its first one.',
    example: 'daily-2026-11-01',
  }),
  retry: flag({
    description:
      'When the run of this key has failed, give it another attempt instead of reporting the failure.',
  }),
  wait: flag({ description: 'Wait for the run to end and give its exit code.', default: 'true' }),
  ...slackFields,
  ...cloudFields,
  ...dryRunField,
} as const

const outputs = {
  run: 'The run, `runs/<batch>/<id>`.',
  state:
    '`succeeded`, `failed`, `timed-out`, `cancelled`, `preempted`, `lost`, or `running` when not waited for.',
  reason:
    'Why it failed: `user`, `outputs`, `image-pull`, `stockout`, `quota`, `permission`, `bad-input` or `unknown`.',
  exit_code: "The run's exit code: the failing step's own, or one of Mayfly's.",
  followed: '`true` when an earlier run was found under the key and nothing was run again.',
  result: 'Address of the whole result, result.json.',
  manifest: 'Address of the manifest of all stored files.',
  outputs: 'JSON object: output name → address.',
  machine_gone: 'When the machine and its disk were verified to be gone.',
}

/** What `run` acts on. */
export interface BatchPlan {
  readonly project: string
  readonly bucket: string
  readonly wait: boolean
  readonly retry: boolean
  readonly run: RunRecord
  /** The files of the run's inputs, unless an earlier asking has listed them. */
  readonly inputs?: FileList
  readonly slack?: Destination
  readonly notify?: Notify
}

/** A request becomes a batch on a machine that exists only for it. */
export const runBatch = defineTask({
  name: 'run-batch',
  summary: 'Run a batch on a Compute Engine machine that exists only for it.',
  fields,
  outputs,

  async plan(inputs, session): Promise<BatchPlan> {
    const { project, bucket, wait, retry } = inputs
    const slack = readDestination(inputs, session.spell)
    const facts = await gatherFacts(inputs, session)
    const { notify } = facts.file.batch
    const { list } = facts.inputs
    return {
      ...{ project, bucket, wait, retry },
      run: planRun(facts),
      ...(list && { inputs: list }),
      ...(slack && { slack, notify }),
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
    let outcome: Outcome
    try {
      outcome = await attend(plan, session, objects, compute, agent.bootstrap)
    } finally {
      // A step that was stopped leaves its run to whoever finishes the work; any other end is an end.
      if (!signal.aborted) session.saveState('ended', 'true')
    }
    await tellOfRun(outcome, plan, session)
    return outcome
  },

  report: reportOutcome,
})

async function attend(
  plan: BatchPlan,
  { world, context, log, signal }: Session,
  objects: Objects,
  compute: Compute,
  bootstrap: string,
): Promise<Outcome> {
  const { bucket } = plan
  // `exists` is the same list: its name says what is in it.
  if (plan.inputs)
    await objects.create(plan.inputs.object, plan.inputs.body, { contentType: 'application/json' })
  const claim = await claimRun(objects, plan.run)
  announce(claim, log.info)
  const bench = { objects, compute, clock: world.clock, log, signal, by: context.by, bucket, bootstrap }
  const attendance = await attendRun(bench, claim, { ...plan, jobAttempt: context.jobAttempt })
  log.endGroup()
  return describeOutcome(claim, attendance, plan)
}

async function storeAgent(objects: Objects, agent: AgentBundle): Promise<void> {
  const name = agentObject(agent.digest)
  if ((await objects.stat(name)) !== undefined) return
  // `exists` is another controller of this version: the name says what is in it, and the machine checks that.
  await objects.create(name, { file: agent.file }, { contentType: 'text/javascript' })
}

function announce({ run, path, mine }: Claim, info: (line: string) => void): void {
  const code = run.code === undefined ? 'without code' : `code ${run.code.name}@${run.code.tag}`
  info(`${mine ? 'Run' : 'Found run'} ${path}: image ${run.image.name}, ${run.machine.type}, ${code}`)
}
