import { cloudFields, dryRunField, flag, map, parsed, text } from '../../fields.ts'
import { commitRecordFields } from '../../notify/commit-record.ts'
import { slackFields } from '../../notify/destination.ts'
import { readCount } from '../../units.ts'

/** The inputs of `run-batch`. */
export const fields = {
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
  backfill: text({
    description:
      'Runs the batch once for each day, ends included. The days are the value of its date param; where it has several, one is named: `date=2026-11-01..2026-11-30`. Each day is a run of its own, which is found when it is asked for again.',
    example: '2026-11-01..yesterday',
  }),
  backfill_parallelism: parsed(
    { description: 'How many days of a backfill run at a time.', default: '3' },
    readCount,
  ),
  wait: flag({ description: 'Wait for the run to end and give its exit code.', default: 'true' }),
  retry_failed: text({
    description:
      'A run with engine: cloud-batch: run those of its tasks again that did not succeed, in the same run. No batch file is read.',
    example: 'train-recommender/0f3a',
  }),
  ...slackFields,
  ...commitRecordFields,
  ...cloudFields,
  ...dryRunField,
} as const

/** Its outputs. */
export const outputs = {
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
  price:
    "What the run's machines cost, in US dollars: an estimate from Google's list prices for vCPUs and memory, for a spot machine or a run that goes on the most that it may cost. Empty when the list does not have it.",
  days: 'With a backfill, JSON object: day → its `state` and `run`. The other outputs are then of no run.',
  machine_gone: 'When the machine and its disk were verified to be gone.',
}
