import { cloudFields, dryRunField, list, parsed } from '../../fields.ts'
import { batchNamePattern } from '../../names.ts'
import { readDestination, slackFields } from '../../notify/destination.ts'
import { inParallel } from '../../parallel.ts'
import { defineTask } from '../../task.ts'
import { readCount, readDuration, readShare } from '../../units.ts'
import { tellOfChecks } from './news.ts'
import { type CheckPlan, type Finding, judgeBatch } from './plan.ts'
import { reportChecks } from './report.ts'
import { type BatchSight, lookAt } from './sight.ts'

const fields = {
  batches: list(
    {
      description: 'The batches, each by the `name` in its batch file.',
      example: 'train-recommender',
      required: true,
      positional: true,
    },
    checkName,
  ),
  max_age: parsed(
    {
      description: 'How old the newest success may be. Without it, any age will do.',
      example: '26h',
    },
    readDuration,
  ),
  max_shrink: parsed(
    {
      description:
        'How much smaller than usual an output may be. `100%` lets it shrink to anything but nothing.',
      default: '50%',
    },
    readShare,
  ),
  history: parsed(
    {
      description: 'How many successes before the newest say what is usual: the median of their sizes.',
      default: '10',
    },
    readCount,
  ),
  ...slackFields,
  ...cloudFields,
  ...dryRunField,
} as const

const outputs = {
  unwell: 'The batches that are not well, with commas; empty when all are.',
  troubles: 'JSON object: batch → what is wrong with it, a list of `kind`, `output` and `message`.',
  running: 'The runs that are going on, `runs/<batch>/<id>`, with commas.',
}

/** Batches at a time. */
const width = 8

/** Says whether batches do what they should, by what the depot shows. */
export const checkBatch = defineTask({
  name: 'check-batch',
  summary: 'Fail, and tell Slack, when a batch has not succeeded of late or its outputs are not as usual.',
  fields,
  outputs,

  async plan(inputs, { world, spell }): Promise<CheckPlan> {
    const { bucket, maxAge: maxAgeSeconds, maxShrink, history } = inputs
    const batches = [...new Set(inputs.batches)]
    const slack = readDestination(inputs, spell)
    const objects = await world.objects(bucket)
    const sights = new Map<string, BatchSight>()
    await inParallel(batches, width, async (batch) => {
      sights.set(batch, await lookAt(objects, batch, history))
    })
    const limits = { maxShrink, history, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) }
    // After the answers, which put it right.
    const time = world.clock.now()
    return {
      bucket,
      limits,
      time: new Date(time).toISOString(),
      findings: batches.flatMap((batch) => {
        const sight = sights.get(batch)
        return sight ? judgeBatch(sight, limits, bucket, time) : []
      }),
      ...(slack && { slack }),
    }
  },

  async run(plan, session): Promise<readonly Finding[]> {
    await tellOfChecks(plan, session)
    return plan.findings
  },

  report: reportChecks,
})

function checkName(name: string): void {
  if (!batchNamePattern.test(name)) throw new Error(refuseName(name))
}

function refuseName(name: string): string {
  const hint = /\.ya?ml$/.test(name) ? ' A batch goes by the `name` in its file, not by the file.' : ''
  return `expected names of batches, up to 40 of a-z, 0-9 and "-" each, got "${name}".${hint}`
}
