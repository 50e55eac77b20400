import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that came in. */
interface Heard {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent.
  readonly body: any
}

interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server on loopback that stands for Slack's or GitHub's API, and what it was asked. */
export interface Messenger extends AsyncDisposable {
  readonly url: string
  readonly heard: readonly Heard[]
}

/** Starts a server whose answers a function gives; `silence` is none at all. */
export async function startMessenger(
  answer: (heard: Heard, count: number) => Reply | 'silence',
): Promise<Messenger> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const text = await readText(request)
    const { method = '', url = '', headers } = request
    const said = {
      method,
      path: url,
      authorization: headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    }
    heard.push(said)
    const reply = answer(said, heard.length)
    if (reply === 'silence') return
    const { status = 200, body = 'ok' } = reply
    response.writeHead(status, reply.headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const bytes of request.setEncoding('utf8')) text += bytes
  return text
}

/** Answers chat.postMessage as Slack does (https://docs.slack.dev/reference/methods/chat.postMessage). */
export function startSlack(): Promise<Messenger> {
  return startMessenger(({ path, body }, count) =>
    path === '/chat.postMessage'
      ? { body: { ok: true, channel: 'C024BE91L', ts: `1503435956.00024${count}`, message: body } }
      : { body: 'ok' },
  )
}
