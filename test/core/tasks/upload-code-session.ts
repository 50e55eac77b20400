import type { Context } from '../../../core/host.ts'
import type { Session } from '../../../core/task.ts'
import type { Git, Objects } from '../../../core/world.ts'

/** A session and what its task said. */
export interface Heard extends Session {
  readonly infos: readonly string[]
  readonly warnings: readonly string[]
  readonly figures: readonly string[]
}

interface Surroundings {
  readonly git: Git
  readonly objects?: (bucket: string) => Objects
  readonly context?: Partial<Context>
  readonly signal?: AbortSignal
}

/** A session as a terminal opens one, in a world that has a repository and a bucket and nothing else. */
export function openSession({ git, objects, context, signal }: Surroundings): Heard {
  const infos: string[] = []
  const warnings: string[] = []
  const figures: string[] = []
  const absent = (what: string) => async () => Promise.reject(new Error(`there is no ${what} in this test`))
  return {
    infos,
    warnings,
    figures,
    world: {
      git,
      clock: { now: Date.now, sleep: absent('clock') },
      files: { read: absent('file') },
      objects: async (bucket) => objects?.(bucket) ?? absent('bucket')(),
      compute: absent('machine'),
      images: absent('image'),
      fleet: absent('fleet'),
      batchJobs: absent('job'),
      survey: absent('survey'),
      agent: absent('agent'),
      builder: absent('builder'),
      slack: absent('Slack'),
      releasePages: absent('release page'),
      commitRecords: absent('release page'),
    },
    context: { by: 'terminal ada', jobAttempt: 1, ...context },
    log: {
      info: (line) => infos.push(line),
      warn: (line) => warnings.push(line),
      progress: (line) => figures.push(line),
      output: () => undefined,
      group: () => undefined,
      endGroup: () => undefined,
    },
    signal: signal ?? new AbortController().signal,
    spell: (field) => `--${field}`,
    saveState: () => undefined,
    setOutput: () => undefined,
  }
}
