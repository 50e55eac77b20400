import type { LogEntry } from '../core/protocol/records.ts'
import type { Sink } from './logs.ts'
import { Mask } from './mask.ts'

/** A log in which secrets are hidden, also one that comes in pieces: what may be its beginning waits for the rest. */
export class MaskedLog implements Sink {
  readonly #sink: Sink
  readonly #mask = new Mask()

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** From now on this is hidden. */
  hide(secret: string): void {
    this.#mask.add(secret)
  }

  /** A text of one's own, to be said elsewhere. */
  clean(text: string): string {
    return this.#mask.hide(text)
  }

  async write(entry: LogEntry): Promise<void> {
    if ('output' in entry) return this.#pass(this.#mask.push(entry.output))
    // The output before it is over.
    await this.end()
    if ('note' in entry) return this.#sink.write({ note: this.#mask.hide(entry.note) })
    await this.#sink.write(entry)
  }

  /** Passes on what waits. */
  end(): Promise<void> {
    return this.#pass(this.#mask.end())
  }

  async #pass(output: string): Promise<void> {
    if (output !== '') await this.#sink.write({ output })
  }
}
