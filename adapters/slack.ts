import type { Destination } from '../core/notify/destination.ts'
import type { Clock, Slack, SlackPost } from '../core/world.ts'
import { startDeadline } from './google/deadline.ts'
import { describeFault } from './google/failures.ts'

interface SlackOptions {
  /** GovSlack has an address of its own: https://slack-gov.com/api/ */
  readonly api: string | undefined
  readonly userAgent: string
  readonly clock: Clock
}

/** A messenger that wants to wait longer than this is not waited for: a job costs money. */
const longestWaitSeconds = 30

/** Opens the way to a destination: an incoming webhook, or chat.postMessage. */
export function openSlack(destination: Destination, { api, userAgent, clock }: SlackOptions): Slack {
  const isWebhook = destination.kind === 'webhook'
  const url = isWebhook
    ? destination.url
    : `${(api || 'https://slack.com/api').replace(/\/$/, '')}/chat.postMessage`
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': userAgent,
    ...(!isWebhook && { authorization: `Bearer ${destination.token}` }),
  }
  return {
    async post(message, { timeoutMs, signal, thread }) {
      const address = isWebhook
        ? {}
        : {
            channel: thread?.channel ?? destination.channel,
            ...(thread && { thread_ts: thread.ts, reply_broadcast: true }),
          }
      const body = JSON.stringify({ ...address, ...message })
      const attempt = () => send(url, { headers, body }, timeoutMs, signal)
      const first = await attempt()
      const answer = first.waitSeconds === undefined ? first : await again(first.waitSeconds)
      return isWebhook ? readWebhookAnswer(answer) : readApiAnswer(answer)

      async function again(seconds: number): Promise<Answer> {
        if (seconds > longestWaitSeconds) return first
        await clock.sleep(seconds * 1000, signal)
        return attempt()
      }
    },
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  /** How long to wait before the next try, where the answer says so. */
  readonly waitSeconds?: number
}

async function send(
  url: string,
  init: { readonly headers: Record<string, string>; readonly body: string },
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  using deadline = startDeadline(timeoutMs)
  const either = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal])
  try {
    // The address of a webhook is its secret, and a token is one anyway: neither follows a redirect.
    const response = await fetch(url, { ...init, method: 'POST', redirect: 'error', signal: either })
    const { status, headers } = response
    const text = await response.text()
    // https://docs.slack.dev/apis/web-api/rate-limits
    if (status !== 429) return { status, text }
    return { status, text, waitSeconds: Math.max(1, Number(headers.get('retry-after')) || 1) }
  } catch (error) {
    throw new Error(`${new URL(url).host} did not answer: ${describeFault(error).message}.`, { cause: error })
  }
}

/** Slack, Mattermost and Discord say why in a few words. */
function readWebhookAnswer({ status, text }: Answer): undefined {
  if (status >= 200 && status < 300) return undefined
  throw new Error(`the webhook answered ${status}: ${shorten(text)}.${advise(text)}`)
}

interface ApiAnswer {
  readonly ok?: boolean
  readonly error?: string
  readonly needed?: string
  readonly channel?: string
  readonly ts?: string
}

function readApiAnswer({ status, text }: Answer): SlackPost | undefined {
  const { ok, error = '', needed, channel, ts } = parse(text)
  if (ok) return channel === undefined || ts === undefined ? undefined : { channel, ts }
  const more = needed === undefined ? '' : ` (needed: ${needed})`
  throw new Error(
    `chat.postMessage answered ${error ? `${error}${more}` : `${status}: ${shorten(text)}`}.${advise(error)}`,
  )
}

function parse(text: string): ApiAnswer {
  try {
    return (JSON.parse(text) as ApiAnswer | null) ?? {}
  } catch {
    return {}
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line || 'nothing'
}

// https://docs.slack.dev/reference/methods/chat.postMessage#errors
const advice: Readonly<Record<string, string>> = {
  channel_not_found: 'Write the id of the channel, and invite the app to it.',
  not_in_channel: 'Invite the app to the channel.',
  missing_scope: 'Give the app chat:write, and install it again.',
  invalid_auth: 'The token is not one of an app that is installed.',
  no_service: 'The webhook was removed: make a new one.',
  channel_is_archived: 'Choose another channel.',
}

function advise(error: string): string {
  const known = advice[error.trim()]
  return known === undefined ? '' : ` ${known}`
}
