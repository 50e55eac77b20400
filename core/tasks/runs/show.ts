import { cloudFields } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { findMachine } from '../../protocol/machine.ts'
import { defineTask } from '../../task.ts'
import { describeOutcome } from '../run-batch/outcome.ts'
import { reportOutcome } from '../run-batch/report.ts'
import { findRun, runField } from './find.ts'
import { drawLineage, traceLineage } from './lineage.ts'

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
    const claim = await findRun(objects, ask.run, spell)
    const attempts = await readAttempts(objects, claim.path)
    const attempt = attempts.at(-1)
    if (attempt === undefined) return undefined
    const machine = await findMachine(await world.compute(ask.project), claim.run, attempt)
    const { result } = attempt
    const departure = machine ?? { gone: true as const, verified: world.clock.now() }
    const outcome = describeOutcome(
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
