import { expect, test } from 'vitest'
import { openCloudClock } from '../../adapters/clock.ts'
import { openSlack } from '../../adapters/slack.ts'
import type { Message } from '../../core/notify/message.ts'
import { startMessenger, startSlack } from '../messenger.ts'

const message: Message = { text: 'hello', blocks: [] }
const patience = { timeoutMs: 10_000 }

/** A clock that does not wait, and says how long it would have. */
function openClock() {
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  return { waits, clock: { ...openCloudClock(), sleep } }
}

function openWebhook(url: string, clock = openClock().clock) {
  const destination = { kind: 'webhook', url: `${url}/services/T0/B0/s3cr3t`, toJSON: () => '' } as const
  return openSlack(destination, { api: undefined, userAgent: 'mayfly/test', clock })
}

function openChannel(url: string, clock = openClock().clock) {
  const destination = { kind: 'channel', token: 'xoxb-s3cr3t', channel: '#ml', toJSON: () => '' } as const
  return openSlack(destination, { api: `${url}/`, userAgent: 'mayfly/test', clock })
}

test('a webhook is given the message and no more', async () => {
  await using slack = await startSlack()
  expect(await openWebhook(slack.url).post(message, patience)).toBeUndefined()
  expect(slack.heard).toEqual([
    { method: 'POST', path: '/services/T0/B0/s3cr3t', authorization: undefined, body: message },
  ])
})

test('a token posts into its channel, and then into a thread that the channel sees', async () => {
  await using slack = await startSlack()
  const channel = openChannel(slack.url)
  const first = await channel.post(message, patience)
  expect(first).toEqual({ channel: 'C024BE91L', ts: '1503435956.000241' })
  await channel.post(message, { ...patience, ...(first && { thread: first }) })

  expect(slack.heard.map(({ authorization, path }) => [authorization, path])).toEqual([
    ['Bearer xoxb-s3cr3t', '/chat.postMessage'],
    ['Bearer xoxb-s3cr3t', '/chat.postMessage'],
  ])
  expect(slack.heard.map(({ body }) => body)).toEqual([
    { ...message, channel: '#ml' },
    { ...message, channel: 'C024BE91L', thread_ts: '1503435956.000241', reply_broadcast: true },
  ])
})

test('Retry-After is obeyed, once', async () => {
  const { clock, waits } = openClock()
  await using busy = await startMessenger((_, count) =>
    count === 1 ? { status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' } : {},
  )
  await openWebhook(busy.url, clock).post(message, patience)
  expect([waits, busy.heard.length]).toEqual([[7000], 2])

  await using flooded = await startMessenger(() => ({
    status: 429,
    headers: { 'retry-after': '1' },
    body: { ok: false, error: 'ratelimited' },
  }))
  await expect(openChannel(flooded.url, clock).post(message, patience)).rejects.toThrow(
    'chat.postMessage answered ratelimited.',
  )
  expect(flooded.heard).toHaveLength(2)
})

test('a wait that costs more than a message is worth is not waited', async () => {
  const { clock, waits } = openClock()
  await using slack = await startMessenger(() => ({ status: 429, headers: { 'retry-after': '600' } }))
  await expect(openWebhook(slack.url, clock).post(message, patience)).rejects.toThrow('answered 429')
  expect([waits, slack.heard.length]).toEqual([[], 1])
})

test.each([
  [
    { status: 404, body: 'no_service' },
    'the webhook answered 404: no_service. The webhook was removed: make a new one.',
  ],
  [{ status: 400, body: 'invalid_blocks' }, 'the webhook answered 400: invalid_blocks.'],
  [{ status: 500, body: '' }, 'the webhook answered 500: nothing.'],
  // Redirects would take the secret somewhere else.
  [{ status: 307, headers: { location: 'http://127.0.0.1:9/' } }, 'did not answer: unexpected redirect.'],
])('a webhook that answers %j', async (reply, expected) => {
  await using slack = await startMessenger(() => reply)
  const refusal = openWebhook(slack.url).post(message, patience)
  await expect(refusal).rejects.toThrow(expected)
  await expect(refusal).rejects.not.toThrow('s3cr3t')
})

test.each([
  [
    { body: { ok: false, error: 'not_in_channel' } },
    'answered not_in_channel. Invite the app to the channel.',
  ],
  [
    { body: { ok: false, error: 'missing_scope', needed: 'chat:write' } },
    'answered missing_scope (needed: chat:write). Give the app chat:write, and install it again.',
  ],
  [{ status: 502, body: '<html>bad gateway' }, 'answered 502: <html>bad gateway.'],
  [{ body: 'null' }, 'answered 200: null.'],
])('chat.postMessage that answers %j', async (reply, expected) => {
  await using slack = await startMessenger(() => reply)
  const refusal = openChannel(slack.url).post(message, patience)
  await expect(refusal).rejects.toThrow(expected)
  await expect(refusal).rejects.not.toThrow('s3cr3t')
})

test('one that never answers is given up, and one that is not there is named', async () => {
  await using mute = await startMessenger(() => 'silence')
  await expect(openWebhook(mute.url).post(message, { timeoutMs: 50 })).rejects.toThrow(
    /^127\.0\.0\.1:\d+ did not answer: no complete answer within 0\.05 s\.$/,
  )
  const gone = await startSlack()
  await gone[Symbol.asyncDispose]()
  await expect(openWebhook(gone.url).post(message, patience)).rejects.toThrow(
    /did not answer: .*ECONNREFUSED/,
  )
})

test('a host that wants to stop is not kept', async () => {
  await using mute = await startMessenger(() => 'silence')
  const leaving = new AbortController()
  const posted = openWebhook(mute.url).post(message, { ...patience, signal: leaving.signal })
  leaving.abort(new Error('Cancelled by SIGINT.'))
  await expect(posted).rejects.toThrow('Cancelled by SIGINT')
})
