import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Clock } from '../compute/clock.ts'
import type { Instance } from '../compute/instance.ts'
import { readAttributes } from '../compute/metadata-items.ts'
import { buildTree } from './instance-tree.ts'
import { find, isDirectory, listNames, type Node, toJson, toLines } from './tree.ts'

/** The instance that a metadata server speaks of. */
export interface Subject {
  /** As it is now; undefined when it is gone. */
  read(): Instance | undefined
  /** Calls `fn` after each change of it; the function it returns ends that. */
  watch(fn: () => void): () => void
  setGuestAttributes(attributes: Readonly<Record<string, string>>): void
  readonly clock: Clock
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

const prefix = '/computeMetadata/v1'

/**
 * The metadata server of one machine, to be listened with wherever its guest looks for it.
 * https://cloud.google.com/compute/docs/metadata/querying-metadata
 */
export function openMetadata(subject: Subject): RequestListener {
  return (request, response) => {
    answer(subject, request, response).catch(() => response.destroy())
  }
}

async function answer(subject: Subject, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(`http://metadata${request.url}`)
  response.setHeader('Metadata-Flavor', 'Google')
  response.setHeader('Server', 'Metadata Server for VM')
  const { pathname } = url
  if (pathname === '/') return send(response, page('computeMetadata/\n'))
  // Libraries look for the header on both sides: a page on the web cannot send it, a proxy adds the second one.
  if (request.headers['metadata-flavor'] !== 'Google')
    return send(response, { ...page('Missing Metadata-Flavor:Google header.\n'), status: 403 })
  if (request.headers['x-forwarded-for'] !== undefined)
    return send(response, { ...page('Requests with X-Forwarded-For are refused.\n'), status: 403 })
  if (pathname === '/computeMetadata/') return send(response, page('v1/\n'))
  if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return send(response, missing)

  const path = pathname.slice(prefix.length).split('/').filter(Boolean).map(decodeURIComponent)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, await changeGuestAttribute(subject, request, path))
  const node = findNode(subject, path)
  if (node && isDirectory(node) && !pathname.endsWith('/')) {
    response.writeHead(301, { location: `${pathname}/${url.search}` }).end()
    return
  }
  const read = () => render(findNode(subject, path), url.searchParams)
  const last = url.searchParams.get('last_etag') ?? etagOf(read())
  if (url.searchParams.get('wait_for_change') === 'true')
    await waitForChange(subject, url, response, () => etagOf(read()) !== last)
  send(response, read())
}

function findNode(subject: Subject, path: readonly string[]): Node | undefined {
  const instance = subject.read()
  return instance && find(buildTree(instance), path)
}

const missing: Page = { status: 404, type: 'text/html', body: 'Not found\n' }

function page(body: string, type = 'application/text'): Page {
  return { status: 200, type, body }
}

function render(node: Node | undefined, query: URLSearchParams): Page {
  if (!node) return missing
  const alt = query.get('alt')
  if (node.kind === 'answer') return render(node.answer(query), query)
  if (isDirectory(node)) {
    if (query.get('recursive')?.toLowerCase() !== 'true') return page(listNames(node))
    return alt === 'text' ? page(toLines(node)) : page(JSON.stringify(toJson(node)), 'application/json')
  }
  const asJson =
    alt === 'json' || (alt !== 'text' && typeof node.json === 'object' && !Array.isArray(node.json))
  return asJson ? page(JSON.stringify(node.json), 'application/json') : page(node.text)
}

function etagOf({ body }: Page): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

function send(response: ServerResponse, { status, type, body }: Page): void {
  response.writeHead(status, { 'Content-Type': type, ETag: etagOf({ status, type, body }) }).end(body)
}

/** Resolves when `changed` is true, the time of the query is over, or the client or the instance is gone. */
function waitForChange(
  subject: Subject,
  { searchParams }: URL,
  response: ServerResponse,
  changed: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (changed()) end()
    }
    const end = () => {
      unwatch()
      cancel?.()
      resolve()
    }
    const unwatch = subject.watch(look)
    const seconds = searchParams.get('timeout_sec')
    const cancel = seconds === null ? undefined : subject.clock.setTimer(Number(seconds) * 1000, end)
    response.once('close', end)
    look()
  })
}

async function changeGuestAttribute(
  subject: Subject,
  request: IncomingMessage,
  path: readonly string[],
): Promise<Page> {
  const [scope, attributes, space, key, ...rest] = path
  if (scope !== 'instance' || attributes !== 'guest-attributes' || !space || !key || rest.length > 0)
    return missing
  const body = await text(request)
  const instance = subject.read()
  if (!instance) return missing
  if (readAttributes(instance.metadata)['enable-guest-attributes']?.toUpperCase() !== 'TRUE')
    return { ...page('Guest attributes endpoint access is disabled.\n'), status: 403 }
  const { [`${space}/${key}`]: _, ...others } = instance.local.guestAttributes ?? {}
  if (request.method === 'PUT') subject.setGuestAttributes({ ...others, [`${space}/${key}`]: body })
  else if (request.method === 'DELETE') subject.setGuestAttributes(others)
  else return { ...page('Method not allowed\n'), status: 405 }
  return page('')
}
