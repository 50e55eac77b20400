import { randomUUID } from 'node:crypto'
import type { Notify, Occasion } from '../../batch/batch.ts'
import { runObjects } from '../../depot.ts'
import type { Destination } from '../../notify/destination.ts'
import { post, unlessRefused } from '../../notify/tell.ts'
import { keepThread, readThread } from '../../notify/thread.ts'
import { createRecord } from '../../protocol/create.ts'
import type { Session } from '../../task.ts'
import type { Objects } from '../../world.ts'
import { findFailure, isFailure } from './history.ts'
import { describeNews } from './notice.ts'
import type { Outcome } from './outcome.ts'

/** What there is to tell of a run. */
export interface News {
  readonly what: Occasion | 'leftover'
  /** The run whose failure is over: its thread goes on. */
  readonly since?: string
}

/** Whom to tell, and of what. */
export interface Telling {
  readonly bucket: string
  readonly slack?: Destination
  readonly notify?: Notify
}

/** For runs that are part of other work: a machine that is not provably gone is news in any case. */
export const onlyLeftovers: Notify = { slack: true, on: [] }

/** Tells people of a run's end, if it is one that they want to hear of and nobody has told them. */
export async function tellOfRun(outcome: Outcome, telling: Telling, session: Session): Promise<void> {
  const { slack, notify, bucket } = telling
  if (slack === undefined || notify?.slack !== true) return
  await unlessRefused(session, async () => {
    const objects = await session.world.objects(bucket)
    const news = await findNews(outcome, notify.on, objects)
    if (news === undefined || !(await claim(objects, outcome, news.what))) return
    const { run } = outcome
    const thread =
      slack.kind === 'channel'
        ? await readThread(objects, runObjects.thread(news.since ?? run), slack.channel)
        : undefined
    const notice = describeNews(news, outcome, bucket, session.context)
    const posted = await post(session, slack, notice, thread)
    if (slack.kind === 'channel' && posted !== undefined && thread === undefined)
      await keepThread(objects, runObjects.thread(run), { asked: slack.channel, ...posted })
  })
}

async function findNews(
  outcome: Outcome,
  on: readonly Occasion[],
  objects: Objects,
): Promise<News | undefined> {
  const { state, leftover } = outcome
  if (leftover !== undefined) return { what: 'leftover' }
  if (isFailure(state)) return on.includes('failure') ? { what: 'failure' } : undefined
  if (state !== 'succeeded') return undefined
  const since = on.includes('recovery') ? await findFailure(objects, outcome) : undefined
  if (since !== undefined) return { what: 'recovery', since }
  return on.includes('success') ? { what: 'success' } : undefined
}

/** Whoever follows a run to its end has the same news: the first tells it, before the message and not after it. */
async function claim(objects: Objects, { run, attempt }: Outcome, what: News['what']): Promise<boolean> {
  const name = runObjects.told(run, attempt, what)
  return (await createRecord(objects, name, { schema: 1, nonce: randomUUID() })).mine
}
