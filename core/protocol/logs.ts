import { runObjects } from '../depot.ts'
import type { Clock, Objects } from '../world.ts'
import { persist } from './persist.ts'
import { type LogEntry, writeRecord } from './records.ts'

const times = {
  /** What begins after a silence is gathered this long, so that a burst is one object. */
  first: 100,
  /** Between uploads; it grows with the age of the log, since nobody watches a long run second by second. */
  least: 1000,
  most: 5000,
}

const sizes = {
  /** Characters that are not kept waiting. */
  enough: 1024 ** 2,
  /** Characters in memory, above which writers wait. */
  most: 4 * 1024 ** 2,
  /** Characters of output that are put together in one entry. */
  entry: 64 * 1024,
  /** Bytes of a chunk, unless it is one entry only. */
  chunk: 4 * 1024 ** 2,
}

/**
 * Writes an attempt's log: chunks that are created once, one at a time, in order. Memory is bounded: whoever writes has
 * to await `write`. Goes on trying until the signal aborts.
 */
export class LogWriter {
  readonly #objects: Objects
  readonly #path: string
  readonly #number: number
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #begun: number
  #pending: LogEntry[] = []
  #size = 0
  #next = 1
  #stored = Number.NEGATIVE_INFINITY
  #closing = false
  #wake = new AbortController()
  #waiting: (() => void)[] = []
  #upload: Promise<void> | undefined
  #failure: unknown

  constructor(objects: Objects, path: string, number: number, clock: Clock, signal: AbortSignal) {
    this.#objects = objects
    this.#path = path
    this.#number = number
    this.#clock = clock
    this.#signal = signal
    this.#begun = clock.now()
  }

  /** Why the rest of the log is lost, if it is; what is written then goes nowhere. */
  get failure(): unknown {
    return this.#failure
  }

  /** Takes an entry of at most some 100,000 characters; resolves when there is room for more. */
  async write(entry: LogEntry): Promise<void> {
    if (this.#failure !== undefined) return
    this.#append(entry)
    this.#upload ??= this.#uploadAll()
    if (this.#size >= sizes.enough) this.#wake.abort()
    while (this.#size >= sizes.most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Stores what is left; resolves when it is stored or the signal has aborted. */
  async close(): Promise<void> {
    this.#closing = true
    this.#wake.abort()
    await this.#upload
  }

  #append(entry: LogEntry): void {
    const last = this.#pending.at(-1)
    if (last && 'output' in last && 'output' in entry && last.output.length < sizes.entry)
      this.#pending[this.#pending.length - 1] = { output: last.output + entry.output }
    else this.#pending.push(entry)
    this.#size += sizeOf(entry)
  }

  async #uploadAll(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        await this.#pause()
        this.#stored = this.#clock.now()
        await this.#store(this.#take())
        this.#makeRoom()
      }
    } catch (error) {
      this.#failure = error
      this.#pending = []
      this.#size = 0
      this.#makeRoom()
    } finally {
      this.#upload = undefined
    }
  }

  async #pause(): Promise<void> {
    this.#wake = new AbortController()
    if (this.#closing || this.#size >= sizes.enough) return
    const now = this.#clock.now()
    const interval = Math.min(times.most, times.least + (now - this.#begun) / 60)
    await this.#clock.sleep(Math.max(times.first, this.#stored + interval - now), this.#wake.signal)
  }

  /** The first entries, as many as fit into a chunk. */
  #take(): Uint8Array {
    const lines: Uint8Array[] = []
    let bytes = 0
    for (let entry = this.#pending[0]; entry !== undefined; entry = this.#pending[0]) {
      const line = new TextEncoder().encode(writeRecord(entry))
      if (bytes > 0 && bytes + line.length > sizes.chunk) break
      this.#pending.shift()
      this.#size -= sizeOf(entry)
      lines.push(line)
      bytes += line.length
    }
    return Buffer.concat(lines)
  }

  /** One that exists is our own, stored although the answer was lost: only the machine that entered the fence writes here. */
  async #store(chunk: Uint8Array): Promise<void> {
    const name = runObjects.log(this.#path, this.#number, this.#next++)
    const options = { contentType: 'application/x-ndjson', signal: this.#signal }
    await persist(() => this.#objects.create(name, chunk, options), {
      clock: this.#clock,
      signal: this.#signal,
    })
  }

  #makeRoom(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function sizeOf(entry: LogEntry): number {
  return Object.values(entry).join('').length
}
