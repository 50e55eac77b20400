import { taskObjects } from '../../cloud-batch/depot.ts'
import { listTries } from '../../cloud-batch/tries.ts'
import { InputError } from '../../errors.ts'
import { cloudFields, flag, parsed } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import type { Claim } from '../../protocol/claim.ts'
import { LogReader } from '../../protocol/log-reader.ts'
import { findRun, runField } from '../../runs.ts'
import { defineTask, type Session } from '../../task.ts'
import type { Objects } from '../../world.ts'

interface Ask {
  readonly run: string
  readonly follow: boolean
  readonly task: number | undefined
  readonly bucket: string
}

const pollMs = 1000

/** What a run's last attempt said, and goes on to say; of a run with tasks, what one of them did. */
export const showLogs = defineTask({
  name: 'runs logs',
  summary: "Show a run's log; with follow, until the run ends.",
  fields: {
    ...runField,
    task: parsed(
      { description: 'The number of a task, from 0, of a run with engine: cloud-batch.', example: '17' },
      readIndex,
    ),
    follow: flag({ description: 'Go on until the run has ended. Stopping to follow leaves the run alone.' }),
    ...cloudFields,
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world, log, signal, spell }) {
    const objects = await world.objects(ask.bucket)
    const claim = await findRun(objects, ask.run, 'run', spell)
    const numbers = (await readAttempts(objects, claim.path)).map(({ record }) => record.number)
    checkTask(claim, ask.task, spell)
    const place =
      ask.task === undefined
        ? { path: claim.path, number: numbers.at(-1) ?? 0 }
        : await findTry(objects, claim.path, numbers, ask.task)
    const reader = new LogReader(objects, place.path, place.number, log)
    let seen = await reader.read()
    while (ask.follow && !seen.result && !signal.aborted) {
      await world.clock.sleep(pollMs, signal)
      seen = await reader.read()
    }
    log.endGroup()
    return { run: claim.path, attempt: place.number, over: seen.result }
  },

  report: (shown) => ({ exitCode: 0, outputs: {}, lines: [], summary: '', json: shown }),
})

function readIndex(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new Error(`expected the number of a task, from 0, got "${text}".`)
}

function checkTask({ run, path }: Claim, task: number | undefined, spell: Session['spell']): void {
  const count = run.engine === 'cloud-batch' ? (run.tasks?.count ?? 1) : 0
  const message =
    task === undefined
      ? count > 0 &&
        `${path} has ${count} tasks with a log each: name one, from 0 to ${count - 1}. \`runs show\` says which failed.`
      : count === 0
        ? `${path} ran on one machine and has no tasks: leave it away.`
        : task >= count && `${path} has ${count} tasks, from 0 to ${count - 1}; got ${task}.`
  if (message) throw new InputError([{ where: spell('task'), message }])
}

/** The last try of a task, in the last attempt that has one. */
async function findTry(objects: Objects, run: string, attempts: readonly number[], task: number) {
  for (const attempt of attempts.toReversed()) {
    const path = taskObjects.task(run, attempt, task)
    const number = (await listTries(objects, path)).at(-1)?.[0]
    if (number !== undefined) return { path, number }
  }
  return { path: taskObjects.task(run, attempts.at(-1) ?? 1, task), number: 1 }
}
