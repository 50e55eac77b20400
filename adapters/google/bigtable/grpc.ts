import { type ClientHttp2Session, connect, constants } from 'node:http2'

/** How a call over gRPC ended. */
export interface GrpcEnd {
  /** https://grpc.io/docs/guides/status-codes; 0 is well. */
  readonly code: number
  readonly message: string
}

/** A server that speaks gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export interface GrpcServer extends Disposable {
  /** Sends one message and gives those of the answer as they come; the end is well, or the status that is thrown. */
  call(path: string, message: Uint8Array, options: GrpcOptions): Promise<GrpcEnd>
}

interface GrpcOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly onMessage: (message: Uint8Array) => void
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const unavailable = 14
const deadlineExceeded = 4

/** Connects when it is first called, and anew when the connection has gone. */
export function openGrpc(origin: string): GrpcServer {
  let session: ClientHttp2Session | undefined
  const open = () => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(origin)
      // What is under way on it fails by itself.
      session.on('error', () => undefined)
      session.on('goaway', () => session?.close())
      // Nothing of it keeps the program alive when there is no call.
      session.unref()
    }
    return session
  }
  return {
    call: (path, message, options) => call(open(), path, message, options),
    [Symbol.dispose]: () => session?.destroy(),
  }
}

function call(
  session: ClientHttp2Session,
  path: string,
  message: Uint8Array,
  { headers, onMessage, timeoutMs, signal }: GrpcOptions,
): Promise<GrpcEnd> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${timeoutMs}m`,
      ...headers,
    })
    session.ref()
    const messages = new Messages(onMessage)
    let end: GrpcEnd | undefined
    const finish = (status: GrpcEnd) => {
      end ??= status
      stream.close(constants.NGHTTP2_CANCEL)
    }
    const timer = setTimeout(
      () => finish({ code: deadlineExceeded, message: `no answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    )
    const abort = () => finish({ code: 1, message: 'given up' })
    signal.addEventListener('abort', abort, { once: true })
    const read = (fields: Readonly<Record<string, unknown>>) => {
      const code = fields['grpc-status']
      if (code !== undefined) end ??= { code: Number(code), message: decode(fields['grpc-message']) }
    }
    stream.on('response', (fields) => {
      read(fields)
      const status = fields[':status']
      if (status !== 200) finish({ code: codeOf(status), message: `HTTP ${status}` })
    })
    stream.on('trailers', read)
    stream.on('data', (bytes: Buffer) => {
      try {
        messages.push(bytes)
      } catch (error) {
        finish({ code: 13, message: (error as Error).message })
      }
    })
    stream.on('error', (error) => {
      end ??= { code: unavailable, message: error.message }
    })
    stream.on('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      session.unref()
      resolve(end ?? { code: unavailable, message: 'the connection broke off' })
    })
    const head = Buffer.alloc(5)
    head.writeUInt32BE(message.length, 1)
    stream.write(head)
    stream.end(message)
  })
}

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
function codeOf(status: number | undefined): number {
  if (status === 401) return 16
  if (status === 403) return 7
  return status === 404 ? 12 : unavailable
}

function decode(message: unknown): string {
  try {
    return decodeURIComponent(String(message ?? ''))
  } catch {
    return String(message)
  }
}

/** Messages come with their length before them, cut anywhere. */
class Messages {
  readonly #onMessage: (message: Uint8Array) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onMessage: (message: Uint8Array) => void) {
    this.#onMessage = onMessage
  }

  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= 5) {
      if (this.#rest[0] !== 0) throw new Error('a compressed message, which was not asked for')
      const end = 5 + this.#rest.readUInt32BE(1)
      if (this.#rest.length < end) return
      this.#onMessage(this.#rest.subarray(5, end))
      this.#rest = this.#rest.subarray(end)
    }
  }
}
