import { exitCodes } from '../../errors.ts'
import { text } from '../../fields.ts'
import { defineTask } from '../../task.ts'
import { finishBatch } from '../run-batch/finish.ts'
import { type Leavings, removeBuilder } from './builder.ts'

const { run, bucket, project, ended } = finishBatch.fields

/** What the step after `build-image` does: ends the builder and the smoke batch of one that was stopped. */
export const finishBuild = defineTask({
  name: 'build-image (post)',
  summary: 'Prove the machines of a build gone, after the step that asked for it was stopped.',
  fields: {
    build: text({ description: 'What the step saved before it began.' }),
    build_ended: text({ description: 'Whether the step came to its own end.' }),
    run,
    bucket,
    project,
    ended,
  },
  outputs: {},

  plan: async (inputs) => inputs,

  async run(ask, session) {
    const { build, buildEnded, ...smoke } = ask
    if (build === undefined || buildEnded === 'true') {
      session.log.info('Nothing to finish.')
      return { gone: true, outcomes: [] }
    }
    const leavings = JSON.parse(build) as Leavings
    const { instance, zones, project } = leavings
    const compute = await session.world.compute(project)
    const gone = await removeBuilder(leavings, compute, session)
    if (gone) session.log.info(`No builder machine ${instance} is left in ${zones.join(', ')}.`)
    return { gone, outcomes: await finishBatch.run(smoke, session) }
  },

  report({ gone, outcomes }) {
    const report = finishBatch.report(outcomes, {
      run: undefined,
      bucket: undefined,
      project: undefined,
      ended: undefined,
    })
    return gone ? report : { ...report, exitCode: exitCodes.unknown }
  },
})
