import { text } from '../../fields.ts'
import { commitRecordFields, endRecording, type Recording } from '../../notify/commit-record.ts'
import { type Destination, readDestination, slackFields } from '../../notify/destination.ts'
import { hideToken } from '../../notify/release-page.ts'
import { inParallel } from '../../parallel.ts'
import { readAttempts } from '../../protocol/attempts.ts'
import { readRun } from '../../protocol/claim.ts'
import { cancelled } from '../../protocol/seal.ts'
import { defineTask, type Session } from '../../task.ts'
import { endRun } from './end.ts'
import { onlyLeftovers, tellOfRun } from './news.ts'
import { describeOutcome, type Outcome } from './outcome.ts'
import { describeStanding } from './standing.ts'

interface Ask {
  readonly run: string | undefined
  readonly bucket: string | undefined
  readonly project: string | undefined
  readonly ended: string | undefined
  readonly slack?: Destination
  readonly record?: Recording
}

const { slack_webhook: webhook, slack_token: token, slack_channel: channel } = slackFields

/** A secret is no state: what the step before was given is in the environment of this one too. */
const fromStep = {
  slack_webhook: text({ ...webhook, env: ['INPUT_SLACK_WEBHOOK', 'SLACK_WEBHOOK_URL'] }),
  slack_token: text({ ...token, env: ['INPUT_SLACK_TOKEN', 'MAYFLY_SLACK_TOKEN'] }),
  slack_channel: text({ ...channel, env: ['INPUT_SLACK_CHANNEL'] }),
  github_token: text({
    ...commitRecordFields.github_token,
    env: ['INPUT_GITHUB_TOKEN', 'MAYFLY_GITHUB_TOKEN'],
  }),
} as const

/** The post step has minutes where the cancelled step had seconds. */
const removalMs = 4 * 60_000

/** What the step after `run-batch` does: finishes what a cancelled or killed one could not. */
export const finishBatch = defineTask({
  name: 'run-batch (post)',
  summary: 'End a run, and prove its machine gone, after the step that asked for it was stopped.',
  fields: {
    run: text({ description: 'The runs that the step saved before it began, one a line.' }),
    bucket: text({ description: 'Its bucket.' }),
    project: text({ description: 'Its project.' }),
    ended: text({ description: 'Whether the step came to its own end.' }),
    silent: text({ description: 'Whether the batch wants no news of it.' }),
    record: text({ description: 'What the step began to show on a commit.' }),
    ...fromStep,
  },
  outputs: {},

  async plan(
    { run, bucket, project, ended, silent, record, githubToken, ...inputs },
    { spell },
  ): Promise<Ask> {
    const slack = silent === 'true' ? undefined : readDestination(inputs, spell)
    const begun = record !== undefined && githubToken !== undefined && JSON.parse(record)
    return {
      run,
      bucket,
      project,
      ended,
      ...(slack && { slack }),
      ...(begun && { record: { ...begun, token: hideToken(githubToken) } }),
    }
  },

  async run(ask, session): Promise<readonly Outcome[]> {
    const { run: runs, bucket, project, ended, slack, record } = ask
    const { log } = session
    if (runs === undefined || bucket === undefined || project === undefined) {
      log.info('No run was asked for: nothing to finish.')
      return []
    }
    const paths = runs.split('\n')
    if (ended === 'true') {
      log.info(`The step came to its own end: nothing to finish for ${nameRuns(paths)}.`)
      return []
    }
    const outcomes: Outcome[] = []
    await inParallel(paths, width, async (path) => {
      const outcome = await finishRun(path, { bucket, project, ...(slack && { slack }) }, session)
      if (outcome !== undefined) outcomes.push(outcome)
    })
    // A backfill has no record.
    if (record !== undefined) await endRecording(record, describeStanding(outcomes[0]), session)
    return outcomes
  },

  report: (outcomes) => {
    const failures = outcomes.flatMap(({ leftover }) =>
      leftover === undefined
        ? []
        : [`The machine ${leftover.name} could not be proven gone: ${leftover.why}. ${leftover.link}`],
    )
    return {
      exitCode: failures.length === 0 ? 0 : 70,
      outputs: {},
      lines: outcomes.flatMap(({ machineGone: gone }) =>
        gone === undefined ? [] : [`machine gone, verified ${gone}`],
      ),
      summary: '',
      json: outcomes,
      ...(failures.length > 0 && { failure: failures.join('\n') }),
    }
  },
})

/** Those of a backfill are many. */
const width = 4

function nameRuns([first, ...others]: readonly string[]): string {
  return others.length === 0 ? (first ?? '') : `${first} and ${others.length} more`
}

async function finishRun(
  path: string,
  { bucket, project, slack }: { bucket: string; project: string; slack?: Destination },
  session: Session,
): Promise<Outcome | undefined> {
  const { world, context, log } = session
  const objects = await world.objects(bucket)
  const run = await readRun(objects, path)
  const attempt = run && (await readAttempts(objects, path)).at(-1)
  if (run === undefined || attempt === undefined) {
    log.info(`${path} had not begun: nothing to finish.`)
    return undefined
  }
  const claim = { run, path, mine: false }
  const verdict = cancelled(context.by)
  const closing = await endRun(world, project, objects, claim, attempt, verdict, removalMs)
  const outcome = describeOutcome(claim, { ...closing, before: [], after: [] }, { bucket, project })
  await tellOfRun(outcome, { bucket, ...(slack && { slack }), notify: onlyLeftovers }, session)
  return outcome
}
