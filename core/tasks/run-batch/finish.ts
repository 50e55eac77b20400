import { text } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { endAttempt } from '../../protocol/cancel.ts'
import { readRun } from '../../protocol/claim.ts'
import { cancelled } from '../../protocol/seal.ts'
import { defineTask } from '../../task.ts'
import { describeOutcome, type Outcome } from './outcome.ts'

interface Ask {
  readonly run: string | undefined
  readonly bucket: string | undefined
  readonly project: string | undefined
  readonly ended: string | undefined
}

/** The post step has minutes where the cancelled step had seconds. */
const removalMs = 4 * 60_000

/** What the step after `run-batch` does: finishes what a cancelled or killed one could not. */
export const finishBatch = defineTask({
  name: 'run-batch (post)',
  summary: 'End a run, and prove its machine gone, after the step that asked for it was stopped.',
  fields: {
    run: text({ description: 'The run that the step saved before it began.' }),
    bucket: text({ description: 'Its bucket.' }),
    project: text({ description: 'Its project.' }),
    ended: text({ description: 'Whether the step came to its own end.' }),
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world, context, log }): Promise<Outcome | undefined> {
    const { run: path, bucket, project, ended } = ask
    if (path === undefined || bucket === undefined || project === undefined) {
      log.info('No run was asked for: nothing to finish.')
      return undefined
    }
    if (ended === 'true') {
      log.info(`The step came to its own end: nothing to finish for ${path}.`)
      return undefined
    }
    const objects = await world.objects(bucket)
    const run = await readRun(objects, path)
    const attempt = run && (await readAttempts(objects, path)).at(-1)
    if (run === undefined || attempt === undefined) {
      log.info(`${path} had not begun: nothing to finish.`)
      return undefined
    }
    const claim = { run, path, mine: false }
    const bench = { objects, compute: await world.compute(project), clock: world.clock }
    const closing = await endAttempt(bench, claim, attempt, cancelled(context.by), removalMs)
    return describeOutcome(claim, { ...closing, before: [], after: [] }, { bucket, project })
  },

  report: (outcome) => {
    const gone = outcome?.machineGone
    const { leftover } = outcome ?? {}
    return {
      exitCode: leftover === undefined ? 0 : 70,
      outputs: {},
      lines: gone === undefined ? [] : [`machine gone, verified ${gone}`],
      summary: '',
      json: outcome,
      ...(leftover && {
        failure: `The machine ${leftover.name} could not be proven gone: ${leftover.why}. ${leftover.link}`,
      }),
    }
  },
})
