import { createHash, randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { checkObjects } from '../../depot.ts'
import { post, unlessRefused } from '../../notify/tell.ts'
import { keepThread, readThread } from '../../notify/thread.ts'
import { createRecord } from '../../protocol/create.ts'
import { parseRecord } from '../../protocol/records.ts'
import type { Session } from '../../task.ts'
import type { Objects, SlackPost } from '../../world.ts'
import { describeChecks } from './notice.ts'
import type { CheckPlan, Finding, Limits, Trouble } from './plan.ts'

/** What people were told of a batch: the newest record says how it stood when they last heard of it. */
const toldRecord = z.object({
  schema: z.literal(1),
  nonce: z.string(),
  well: z.boolean(),
  /** What was wrong, by kind and output. */
  troubles: z.array(z.string()),
  /** The number of the record with which the trouble began. */
  began: z.number(),
})
type ToldRecord = z.infer<typeof toldRecord>

/** A batch of which people are to hear, and the trouble whose thread that belongs to. */
interface News {
  readonly finding: Finding
  readonly began: number
}

/** Tells people of batches that are not well, of what is new about these, and of those that are well again. Each once. */
export async function tellOfChecks(plan: CheckPlan, session: Session): Promise<void> {
  const { slack, findings, bucket } = plan
  if (slack === undefined) return
  await unlessRefused(session, async () => {
    const objects = await session.world.objects(bucket)
    const limits = digestLimits(plan.limits)
    const claims = await Promise.all(findings.map((finding) => claim(objects, finding, limits)))
    const news = claims.flatMap((each) => each ?? [])
    if (news.length === 0) return
    const notice = describeChecks(
      news.map(({ finding }) => finding),
      bucket,
      session.context,
    )
    const nameThread = ({ finding, began }: News) => checkObjects.thread(finding.batch, limits, began)
    const thread =
      slack.kind === 'channel' ? await findThread(objects, news.map(nameThread), slack.channel) : undefined
    const posted = await post(session, slack, notice, thread)
    if (slack.kind !== 'channel' || posted === undefined || thread !== undefined) return
    const asked = slack.channel
    const begun = news.filter(({ finding }) => !finding.well)
    await Promise.all(begun.map((each) => keepThread(objects, nameThread(each), { asked, ...posted })))
  })
}

/** Other limits are another question: an answer to one is no news for whoever asks the other. */
function digestLimits(limits: Limits): string {
  const { maxAgeSeconds, maxShrink, history } = limits
  return createHash('sha256')
    .update(JSON.stringify([maxAgeSeconds, maxShrink, history]))
    .digest('hex')
    .slice(0, 8)
}

/** Whoever checks at the same time has the same news: the first tells it. */
async function claim(objects: Objects, finding: Finding, limits: string): Promise<News | undefined> {
  const { batch, well } = finding
  const { number, record: last } = await readLast(objects, batch, limits)
  const troubles = finding.troubles.map(nameTrouble)
  const known = last?.well === false ? last.troubles : []
  const isNews = well ? last?.well === false : troubles.some((trouble) => !known.includes(trouble))
  if (!isNews) return undefined
  const began = last?.well === false ? last.began : number + 1
  const record: ToldRecord = { schema: 1, nonce: randomUUID(), well, troubles, began }
  const { mine } = await createRecord(objects, checkObjects.record(batch, limits, number + 1), record)
  return mine ? { finding, began } : undefined
}

function nameTrouble({ kind, output }: Trouble): string {
  return output === undefined ? kind : `${kind} ${output}`
}

async function readLast(objects: Objects, batch: string, limits: string) {
  const prefix = checkObjects.prefix(batch, limits)
  let number = 0
  for await (const { name } of objects.list(prefix, { glob: `${prefix}*.json` }))
    number = Number(/(\d{6})\.json$/.exec(name)?.[1] ?? number)
  const name = checkObjects.record(batch, limits, number)
  const bytes = number === 0 ? undefined : await objects.read(name)
  return { number, ...(bytes && { record: parseRecord(toldRecord, name, bytes) }) }
}

/** A thread goes on with what is all its own. */
async function findThread(
  objects: Objects,
  names: readonly string[],
  asked: string,
): Promise<SlackPost | undefined> {
  const threads = await Promise.all(names.map((name) => readThread(objects, name, asked)))
  const [first] = threads
  return threads.every((thread) => thread?.channel === first?.channel && thread?.ts === first?.ts)
    ? first
    : undefined
}
