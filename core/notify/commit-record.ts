import { InputError, type Problem } from '../errors.ts'
import { type Inputs, parsed, text } from '../fields.ts'
import type { Log } from '../host.ts'
import type { Session } from '../task.ts'
import type { CommitRecord, RecordState } from '../world.ts'
import { type HiddenToken, hideToken } from './release-page.ts'

/** The fields of a task that can be shown on the commit that it was asked for. */
export const commitRecordFields = {
  github_record: parsed(
    {
      description:
        "Shows the run on the commit that the job is for: as a GitHub status (`status`; `github_token` needs `statuses: write`), or as a GitHub deployment into an environment of the batch's name (`deployment`; `deployments: write`). Where that fails, it is one warning.",
    },
    readKind,
  ),
  github_token: text({
    description:
      'A GitHub token for `github_record`. `${{ github.token }}` does, and is not taken by itself.',
    secret: true,
    env: ['MAYFLY_GITHUB_TOKEN'],
  }),
} as const

function readKind(text: string): CommitRecord['kind'] {
  if (text === 'status' || text === 'deployment') return text
  throw new Error(`expected status or deployment, got "${text}".`)
}

/** A record that is to be kept, and the token for it. */
export interface Recording extends CommitRecord {
  readonly token: HiddenToken
}

/** What the inputs want recorded of the work of a name; undefined when nothing. Throws an InputError. */
export async function readRecording(
  {
    githubRecord: kind,
    githubToken: token,
    wait,
  }: Inputs<typeof commitRecordFields> & { readonly wait: boolean },
  name: string,
  { world, context, spell }: Session,
): Promise<Recording | undefined> {
  if (kind === undefined) return undefined
  const problems: Problem[] = []
  const where = spell('github_record')
  if (token === undefined)
    problems.push({ where: spell('github_token'), message: `required with ${where}, and not given.` })
  if (!wait)
    problems.push({
      where,
      message: `shows a run to its end, and cannot stand beside one that is not waited for (${spell('wait')}).`,
    })
  const repository = context.repository ?? (await world.git.repository())
  const commit = context.commit ?? (await world.git.commit('HEAD'))
  if (!/^[^/]+\/[^/]+$/.test(repository) || commit === undefined)
    problems.push({
      where,
      message: `expected to find a commit of a repository owner/name here, found ${commit ?? 'no commit'} of ${repository}.`,
    })
  if (problems.length > 0 || token === undefined || commit === undefined) throw new InputError(problems)
  const { link } = context
  return { kind, repository, commit, name, ...(link !== undefined && { link }), token: hideToken(token) }
}

/** A record that was begun. */
export interface OpenRecording {
  end(state: RecordState): Promise<void>
}

// A host that wants to stop gives seconds.
const hurriedMs = 2000

/** Begins a record while the work goes on; what goes wrong with it is one warning. */
export function beginRecording({ token, ...record }: Recording, session: Session): OpenRecording {
  const { world, log, signal, saveState } = session
  let opened: CommitRecord | undefined
  const begin = async () => {
    const records = await world.commitRecords(token.token)
    opened = await records.open(record, { signal })
    // For whoever finishes this work.
    saveState('record', JSON.stringify(opened))
    await records.set(opened, { state: 'pending', text: 'is running' }, { signal })
  }
  const beginning = begin().then(
    () => true,
    (error: unknown) => {
      // That a stopped job gave up on it is no news.
      if (!signal.aborted) warn(log, error)
      return false
    },
  )
  return {
    async end(state) {
      const isTold = await beginning
      // A request without an answer may have had its effect; the warning about it was given.
      if (opened !== undefined)
        await endRecording({ ...opened, token }, state, isTold ? session : { ...session, log: silent })
    },
  }
}

/** Ends a record. */
export async function endRecording(
  { token, ...record }: Recording,
  state: RecordState,
  { world, log, signal }: Pick<Session, 'world' | 'signal'> & { readonly log: Pick<Log, 'warn'> },
): Promise<void> {
  try {
    const records = await world.commitRecords(token.token)
    await records.set(record, state, signal.aborted ? { timeoutMs: hurriedMs } : {})
  } catch (error) {
    warn(log, error)
  }
}

const silent: Pick<Log, 'warn'> = { warn: () => undefined }

function warn(log: Pick<Log, 'warn'>, error: unknown): void {
  log.warn(`The run is not shown on its commit: ${(error as Error).message}`)
}
