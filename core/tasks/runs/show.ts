import { cloudFields } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { findMachine } from '../../protocol/machine.ts'
import { findRun, runField } from '../../runs.ts'
import { defineTask } from '../../task.ts'
import { describeOutcome } from '../run-batch/outcome.ts'
import { reportOutcome } from '../run-batch/report.ts'
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
    if (claim.run.engine === 'cloud-batch') {
      const attendance = await lookAtJob(world, ask.project, objects, claim, attempt)
      return describeOutcome(claim, { ...attendance, earlier: attempts.slice(0, -1) }, ask)
    }
    const machine = await findMachine(await world.compute(ask.project), claim.run, attempt)
    const { result } = attempt
    const departure = machine ?? { gone: true as const, verified: world.clock.now() }
    return describeOutcome(
      claim,
      {
        attempt,
        earlier: attempts.slice(0, -1),
        ...(result && { result }),
        ...(machine && { machine }),
        ...(result && {
          departure:
            'gone' in departure
              ? departure
              : { gone: false as const, machine: departure, why: 'it is still there' },
        }),
        before: [],
        after: [],
      },
      ask,
    )
  },

  report: (outcome) =>
    outcome === undefined
      ? {
          exitCode: 0,
          outputs: {},
          lines: ['The run was asked for and has no attempt yet.'],
          summary: '',
          json: null,
        }
      : { ...reportOutcome(outcome), exitCode: 0 },
})
