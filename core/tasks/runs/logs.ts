import { cloudFields, flag } from '../../fields.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { LogReader } from '../../protocol/log-reader.ts'
import { defineTask } from '../../task.ts'
import { findRun, runField } from './find.ts'

interface Ask {
  readonly run: string
  readonly follow: boolean
  readonly bucket: string
}

const pollMs = 1000

/** What a run's last attempt said, and goes on to say. */
export const showLogs = defineTask({
  name: 'runs logs',
  summary: "Show a run's log; with follow, until the run ends.",
  fields: {
    ...runField,
    follow: flag({ description: 'Go on until the run has ended. Stopping to follow leaves the run alone.' }),
    ...cloudFields,
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,

  async run(ask, { world, log, signal, spell }) {
    const objects = await world.objects(ask.bucket)
    const { path } = await findRun(objects, ask.run, spell)
    const number = (await readAttempts(objects, path)).at(-1)?.record.number ?? 0
    const reader = new LogReader(objects, path, number, log)
    let seen = await reader.read()
    while (ask.follow && !seen.result && !signal.aborted) {
      await world.clock.sleep(pollMs, signal)
      seen = await reader.read()
    }
    log.endGroup()
    return { run: path, attempt: number, over: seen.result }
  },

  report: (shown) => ({ exitCode: 0, outputs: {}, lines: [], summary: '', json: shown }),
})
