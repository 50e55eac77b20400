import { StringDecoder } from 'node:string_decoder'
import type { LogEntry } from '../core/protocol/records.ts'

/** Where the agent and its steps speak. */
export interface Sink {
  write(entry: LogEntry): Promise<void>
}

/** A line without an end is passed on when it is this long, or this old: progress bars never end theirs. */
const longestRest = 64 * 1024
const oldestRestMs = 1000

/**
 * Turns the bytes of a process into output entries. A character that two pieces share stays whole, bytes that are no
 * UTF-8 become U+FFFD, and an entry ends with a line where that is possible.
 */
export class OutputText {
  readonly #sink: Sink
  readonly #onText: (text: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #timer: NodeJS.Timeout | undefined

  /** `onText` sees what is passed on. */
  constructor(sink: Sink, onText: (text: string) => void = () => undefined) {
    this.#sink = sink
    this.#onText = onText
  }

  /** Resolves when there is room for more. */
  async push(bytes: Uint8Array): Promise<void> {
    const text = this.#rest + this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    const lineEnd = text.lastIndexOf('\n') + 1
    const end = text.length - lineEnd > longestRest ? text.length : lineEnd
    this.#rest = text.slice(end)
    await this.#pass(text.slice(0, end))
    if (this.#rest !== '') this.#timer ??= setTimeout(() => void this.#passRest(), oldestRestMs)
  }

  /** Passes on what is left. */
  async end(): Promise<void> {
    this.#rest += this.#decoder.end()
    await this.#passRest()
  }

  async #passRest(): Promise<void> {
    const rest = this.#rest
    this.#rest = ''
    await this.#pass(rest)
  }

  async #pass(text: string): Promise<void> {
    if (text === '') return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#onText(text)
    await this.#sink.write({ output: text })
  }
}
