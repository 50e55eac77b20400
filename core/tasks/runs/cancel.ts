import { cloudFields } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { cancelled } from '../../protocol/seal.ts'
import { findRun, runField } from '../../runs.ts'
import { defineTask } from '../../task.ts'
import { endRun } from '../run-batch/end.ts'
import { describeOutcome } from '../run-batch/outcome.ts'
import { reportOutcome } from '../run-batch/report.ts'

interface Ask {
  readonly run: string
  readonly project: string
  readonly bucket: string
}

const removalMs = 5 * 60_000

/** Ends a run and its machine; everyone who follows it is told the same. */
export const cancelRun = defineTask({
  name: 'runs cancel',
  summary: 'Cancel a run and delete its machine.',
  fields: { ...runField, ...cloudFields },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world, context, spell }) {
    const objects = await world.objects(ask.bucket)
    const claim = await findRun(objects, ask.run, 'run', spell)
    const attempt = (await readAttempts(objects, claim.path)).at(-1)
    if (attempt === undefined) return undefined
    const verdict = cancelled(context.by)
    const ended = await endRun(world, ask.project, objects, claim, attempt, verdict, removalMs)
    return describeOutcome(claim, { ...ended, before: [], after: [] }, ask)
  },

  report: (outcome) => {
    if (outcome === undefined)
      return {
        exitCode: 0,
        outputs: {},
        lines: ['The run has no attempt: there is nothing to cancel.'],
        summary: '',
        json: null,
      }
    // The cancellation succeeded; that the run did not is not this command's failure.
    const { failure, ...report } = reportOutcome(outcome)
    return {
      ...report,
      exitCode: outcome.leftover === undefined ? 0 : report.exitCode,
      ...(outcome.leftover && failure && { failure }),
    }
  },
})
