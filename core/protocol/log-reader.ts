import { runObjects } from '../depot.ts'
import type { Log } from '../host.ts'
import type { Objects } from '../world.ts'
import { logEntry, parseRecord } from './records.ts'

/** What one list of an attempt's objects shows. */
export interface Seen {
  /** When the fence was entered, in milliseconds on Google's clock. */
  readonly started?: number
  readonly result: boolean
}

/** Reads an attempt's log chunks in order, each exactly once, and sees the records beside them in the same list. */
export class LogReader {
  readonly #objects: Objects
  readonly #path: string
  readonly #number: number
  readonly #log: Log
  #next = 1

  constructor(objects: Objects, path: string, number: number, log: Log) {
    this.#objects = objects
    this.#path = path
    this.#number = number
    this.#log = log
  }

  /** Passes on what is new. */
  async read(): Promise<Seen> {
    const folder = `${this.#path}/a${this.#number}`
    const chunks: string[] = []
    let started: number | undefined
    let result = false
    // One list call tells everything: chunks from the next one on, then the result, then the fence.
    const list = this.#objects.list(`${folder}/`, {
      glob: `${folder}/{logs/*,result.json,started.json}`,
      startOffset: runObjects.log(this.#path, this.#number, this.#next),
    })
    for await (const { name, created } of list) {
      if (name.endsWith('/started.json')) started = created
      else if (name.endsWith('/result.json')) result = true
      else chunks.push(name)
    }
    for (const name of chunks) {
      // A gap is a chunk that the list does not show yet; what follows waits for it.
      if (name !== runObjects.log(this.#path, this.#number, this.#next)) break
      this.#pass(await this.#objects.read(name))
      this.#next++
    }
    return { result, ...(started !== undefined && { started }) }
  }

  #pass(bytes: Uint8Array | undefined): void {
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      if (line === '') continue
      const entry = parseRecord(logEntry, 'log', new TextEncoder().encode(line))
      if ('output' in entry) this.#log.output(entry.output)
      else if ('step' in entry) this.#log.group(entry.step)
      else {
        // A line of the agent's own belongs to no step.
        this.#log.endGroup()
        this.#log.info(entry.note)
      }
    }
  }
}
