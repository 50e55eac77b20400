import { type File, Storage } from '@google-cloud/storage'
import type { Transport } from './transport.ts'

/** What the client asks of whoever sends its JSON calls and downloads. */
interface JsonRequest extends Passed {
  readonly method?: string
  readonly uri: string
  readonly qs?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** What the client asks of its credentials: to send the request that opens a resumable upload. */
interface SessionRequest extends Passed {
  readonly method: string
  readonly url: string
  readonly params: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly data: unknown
}

/** What an interceptor of ours adds to the client's requests. */
interface Passed {
  readonly signal?: AbortSignal
}

type Callback = (error: unknown, body?: unknown, response?: unknown) => void

/**
 * The storage client with our transport for its own. It sends in two ways, by a function and by its credentials, and lets
 * an instance have both replaced.
 */
export function openStorageClient(endpoint: string, transport: Transport): Storage {
  const storage = new Storage({
    apiEndpoint: endpoint,
    // Otherwise its resumable uploads go past the credentials.
    useAuthWithCustomEndpoint: true,
    retryOptions: { autoRetry: false },
  })
  // It reads STORAGE_EMULATOR_HOST by itself and then leaves out the path.
  storage.baseUrl = `${endpoint}/storage/v1`

  const sendJson = (request: JsonRequest, callback: Callback) => {
    answerJson(transport, request).then(
      ({ body, response }) => callback(null, body, response),
      (error: unknown) => callback(error),
    )
  }
  storage.makeAuthenticatedRequest = sendJson as unknown as Storage['makeAuthenticatedRequest']

  const credentials = { request: (request: SessionRequest) => openSession(transport, request) }
  storage.authClient = credentials as unknown as Storage['authClient']
  return storage
}

/** Makes all requests of one file abort with the signal. */
export function bindSignal(file: File, signal: AbortSignal | undefined): File {
  const request: File['interceptors'][number]['request'] = (options) =>
    Object.assign(options, { signal }) as never
  if (signal) file.interceptors.push({ request })
  return file
}

async function answerJson(transport: Transport, request: JsonRequest) {
  const { method = 'GET', uri, json, signal } = request
  // A wish to the client itself, which it leaves in the query for whoever sends it.
  const { autoPaginate: _, ...qs } = request.qs ?? {}
  const content = json === undefined ? undefined : writeJson(json)
  const call = {
    http: method,
    url: withQuery(uri, qs),
    headers: { ...request.headers, ...content?.headers },
    ...(content && { body: content.body }),
    ...(signal && { signal }),
  }
  if (qs.alt === 'media') {
    const response = await transport.open(call)
    return { response, body: response.body }
  }
  const response = await transport.send(call)
  return { response, body: readJson(response.body) }
}

async function openSession(
  transport: Transport,
  { method, url, params, headers, data, signal }: SessionRequest,
) {
  const content = writeJson(data)
  const { status, headers: answered } = await transport.send({
    http: method,
    url: withQuery(url, params),
    headers: { ...headers, ...content.headers },
    body: content.body,
    // An upload that was begun and never gone on with leaves no object.
    repeatable: true,
    ...(signal && { signal }),
  })
  return { status, headers: answered, data: {} }
}

function withQuery(url: string, query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return `${url}?${search}`
}

function writeJson(value: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

function readJson(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes))
}
