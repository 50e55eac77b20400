import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/index.ts'

/** Calls of Cloud Storage by plain HTTP, for what its client does not do or does not show. */
export interface Calls {
  send(method: string, path: string, init?: RequestInit): Promise<Answer>
  /** objects.insert with uploadType=media. */
  put(name: string, bytes: string | Uint8Array<ArrayBuffer>, query?: string): Promise<Answer>
  /** The bytes of an object. */
  read(name: string, headers?: Record<string, string>): Promise<Answer>
  /** The names and folders of one page of a list. */
  list(query: string): Promise<{ names: string[]; prefixes: string[]; token: string | undefined }>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Resource
}

/** An object, a bucket, an error: what the tests read of it by name. */
interface Resource {
  readonly [member: string]: unknown
  readonly generation: string
  readonly crc32c: string
  readonly md5Hash: string
  readonly error: { readonly message: string; readonly errors: readonly { readonly reason: string }[] }
}

export const lake = '/storage/v1/b/lake'

/** Where one object's resource is. */
export function pathOf(name: string): string {
  return `${lake}/o/${encodeURIComponent(name)}`
}

export function openCalls(url: string): Calls {
  const send = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { method, ...init })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text)
      },
    }
  }
  return {
    send,
    put: (name, body, query = '') =>
      send('POST', `/upload${lake}/o?uploadType=media&name=${encodeURIComponent(name)}${query}`, { body }),
    read: (name, headers = {}) => send('GET', `${pathOf(name)}?alt=media`, { headers }),
    async list(query) {
      const { json } = await send('GET', `${lake}/o?${query}`)
      const { items = [], prefixes = [], nextPageToken } = json as unknown as Page
      return { names: items.map(({ name }) => name), prefixes, token: nextPageToken }
    },
  }
}

interface Page {
  readonly items?: readonly { readonly name: string }[]
  readonly prefixes?: string[]
  readonly nextPageToken?: string
}

/** A local Google Cloud with an empty bucket named `lake`. */
export async function openLake(
  options?: EmulatorOptions,
): Promise<Calls & { emulator: Emulator } & AsyncDisposable> {
  const emulator = await startEmulator(options)
  const calls = openCalls(emulator.url)
  await calls.send('POST', '/storage/v1/b', { body: '{"name":"lake"}' })
  return { ...calls, emulator, [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose]() }
}
