import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { GoogleError } from './errors.ts'

/** Paths under this steer the emulator; the request log and the faults leave them alone. */
export const controlPrefix = '/_mayfly/'

/** One request, as a handler sees it. */
export interface Call<Names extends string = string> {
  readonly method: string
  /** Absolute, with the host the client used: links in replies lead back here whatever name that is. */
  readonly url: URL
  /** What stands for the names in the route's path, percent-decoded. */
  readonly params: Readonly<Record<Names, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The body as it arrives; read it, or ask for `bytes` or `json`, which may be asked for again. */
  readonly body: Readable
  bytes(): Promise<Buffer>
  /** The body as JSON; an empty one is `{}`. Throws GoogleError 400 when it is not JSON. */
  json<T>(): Promise<T>
}

/** The answer to a call: `json` or `body`; the status is 200, or 204 when there is neither. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly json?: unknown
  readonly body?: Readable | Buffer | string
}

/** One method of Google's. */
export interface Route {
  /** Google's own name of the method: `storage.objects.insert`. Faults and the request log use it. */
  readonly name: string
  readonly method: string
  /** `/storage/v1/b/{bucket}/o/{object}`; `{rest*}` takes slashes too. */
  readonly path: string
  readonly handle: (call: Call) => Promise<Reply> | Reply
}

/** One product of Google's: its routes, and what to end when the emulator ends. */
export interface Service extends AsyncDisposable {
  readonly routes: readonly Route[]
}

/** One line of the request log. `status` is missing while nothing was answered, and stays so after a reset. */
export interface RequestRecord {
  readonly id: number
  /** The route's name, or `unknown`. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly userAgent: string
  /** Milliseconds since 1970. */
  readonly time: number
  status?: number
}

export function makeCall(request: Omit<Call, 'query' | 'bytes' | 'json'>): Call {
  let read: Promise<Buffer> | undefined
  const bytes = () => {
    read ??= buffer(request.body)
    return read
  }
  return { ...request, query: request.url.searchParams, bytes, json: async () => parse(await bytes()) }
}

/** Reads the whole call into memory and gives calls equal to it, as often as asked. */
export async function recordCall(call: Call): Promise<() => Call> {
  const bytes = await call.bytes()
  return () => makeCall({ ...call, body: Readable.from([bytes], { objectMode: false }) })
}

function parse(bytes: Buffer) {
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new GoogleError(400, 'parseError', `The request's body is not JSON: ${(error as Error).message}`)
  }
}
