import { cloudFields } from '../../fields.ts'
import { type Attempt, readAttempts } from '../../protocol/attempts.ts'
import type { Claim } from '../../protocol/claim.ts'
import { findMachine } from '../../protocol/machine.ts'
import { findRun, runField } from '../../runs.ts'
import { defineTask } from '../../task.ts'
import type { World } from '../../world.ts'
import type { Attendance } from '../run-batch/attend.ts'
import { describeOutcome } from '../run-batch/outcome.ts'
import { reportOutcome } from '../run-batch/report.ts'
import { drawLineage, traceLineage } from './lineage.ts'
import { lookAtJob } from './show-job.ts'

interface Ask {
  readonly run: string
  readonly project: string
  readonly bucket: string
}

/** How a run stands, or what it came to. */
export const showRun = defineTask({
  name: 'runs show',
  summary: 'Show how a run stands, or what it came to.',
  fields: { ...runField, ...cloudFields },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world, spell }) {
    const objects = await world.objects(ask.bucket)
    const claim = await findRun(objects, ask.run, 'run', spell)
    const attempts = await readAttempts(objects, claim.path)
    const attempt = attempts.at(-1)
    if (attempt === undefined) return undefined
    const attendance =
      claim.run.engine === 'cloud-batch'
        ? await lookAtJob(world, ask.project, objects, claim, attempt)
        : await lookAtMachine(world, ask.project, claim, attempt)
    const outcome = describeOutcome(claim, { ...attendance, earlier: attempts.slice(0, -1) }, ask)
    const images = await world.images(ask.project)
    return { outcome, lineage: await traceLineage({ objects, images }, claim.path) }
  },

  report: (shown) => {
    if (shown === undefined) {
      const lines = ['The run was asked for and has no attempt yet.']
      return { exitCode: 0, outputs: {}, lines, summary: '', json: null }
    }
    const { outcome, lineage } = shown
    const report = reportOutcome(outcome)
    const chain = lineage === undefined ? [] : ['  made of', ...drawLineage(lineage, 2)]
    return { ...report, exitCode: 0, lines: [...report.lines, ...chain], json: { ...outcome, lineage } }
  },
})

/** How an attempt on one machine stands. */
async function lookAtMachine(
  world: World,
  project: string,
  { run }: Claim,
  attempt: Attempt,
): Promise<Attendance> {
  const machine = await findMachine(await world.compute(project), run, attempt)
  const { result } = attempt
  return {
    attempt,
    ...(machine && { machine }),
    ...(result && {
      result,
      departure: machine
        ? { gone: false, machine, why: 'it is still there' }
        : { gone: true, verified: world.clock.now() },
    }),
    before: [],
    after: [],
  }
}
