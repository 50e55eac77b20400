import type { Session } from '../task.ts'
import type { SlackPost } from '../world.ts'
import type { Destination } from './destination.ts'
import { type Notice, writeMessage } from './message.ts'

// A host that wants to stop gives seconds: GitHub 7.5 between its first signal and the second.
const patienceMs = { usual: 10_000, hurried: 2000 } as const

/** Tells people, where there is a way to. That it failed is one warning: no work is lost over a message. */
export async function tell(
  session: Session,
  destination: Destination | undefined,
  notice: Notice,
): Promise<void> {
  if (destination === undefined) return
  await unlessRefused(session, async () => void (await post(session, destination, notice)))
}

/** Sends a notice, in a thread where one is given. Throws what the messenger says. */
export async function post(
  { world, signal }: Session,
  destination: Destination,
  notice: Notice,
  thread?: SlackPost,
): Promise<SlackPost | undefined> {
  const slack = await world.slack(destination)
  const patience = signal.aborted
    ? { timeoutMs: patienceMs.hurried }
    : { timeoutMs: patienceMs.usual, signal }
  return slack.post(writeMessage(notice), { ...patience, ...(thread && { thread }) })
}

/** Does what telling takes; whatever goes wrong with it is one warning. */
export async function unlessRefused({ log }: Session, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warn(`Slack was not told: ${(error as Error).message}`)
  }
}
