import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runObjects } from '../core/depot.ts'
import { inParallel } from '../core/parallel.ts'
import type { KeptFile } from '../core/protocol/checkpoints.ts'
import { type RunRecord, writeRecord } from '../core/protocol/records.ts'
import { countFiles, formatBytes } from '../core/units.ts'
import { startWatch } from './clock.ts'
import { startTimer } from './deadline.ts'
import { type FoundFile, isWithin, look, walk } from './files.ts'
import type { Job } from './job.ts'
import { type Known, keepFile } from './kept-file.ts'

/** Uploads at a time. */
const width = 8

/** From a preemption's notice on: the step's own end comes before this, the log and the result after it. */
const lastMs = 14_000

/**
 * Keeps the checkpoint folder in the depot: every so often, and whenever `keep` is called. What cannot be kept is told
 * and does not stop the work. Disposing ends it, once what is under way is over.
 */
export class Keeper implements AsyncDisposable {
  readonly #job: Job
  readonly #path: string
  readonly #known: Map<string, Known>
  #last: readonly KeptFile[] | undefined
  #sequence = 0
  readonly #said = new Set<string>()
  readonly #over = new AbortController()
  readonly #hurry = new AbortController()
  readonly #signal: AbortSignal
  #timer: Disposable | undefined
  readonly #loop: Promise<void>
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    job: Job,
    { path, everySeconds }: NonNullable<RunRecord['checkpoint']>,
    restored: readonly KeptFile[] | undefined,
  ) {
    this.#job = job
    this.#path = path
    this.#last = restored
    this.#known = new Map(restored?.map((kept) => [kept.path, { kept, settled: false }]))
    this.#signal = AbortSignal.any([job.deadline.end, this.#hurry.signal])
    job.deadline.stop.addEventListener('abort', () => this.#hasten(), {
      once: true,
      signal: this.#over.signal,
    })
    this.#loop = this.#keepOften(everySeconds * 1000)
  }

  /** Keeps what is there now, unless it is kept already. */
  async keep(): Promise<void> {
    const seconds = startWatch()
    const kept = await this.#enqueue()
    if (kept === undefined) return
    this.#job.facts.phases.push({ name: 'checkpoint', seconds: seconds() })
    await this.#job.log.write({ note: `Kept ${this.#path}: ${describeFiles(kept)}` })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#loop
    await this.#turn
    this.#timer?.[Symbol.dispose]()
    if (this.#last === undefined && this.#said.size === 0)
      await this.#say(`Nothing was kept: ${this.#path} does not exist or has no files.`)
  }

  /** A machine that is taken away has seconds left; whoever has sealed the attempt wants no more of it. */
  #hasten(): void {
    const { abandoned } = this.#job.deadline
    if (abandoned === 'preempted') this.#timer = startTimer(lastMs, () => this.#hurry.abort())
    else if (abandoned !== undefined) this.#hurry.abort()
  }

  async #keepOften(everyMs: number): Promise<void> {
    const { clock } = this.#job
    for (;;) {
      await clock.sleep(everyMs, this.#over.signal)
      if (this.#over.signal.aborted) return
      await this.#enqueue()
    }
  }

  /** One at a time. Gives what was kept; undefined when that was nothing new, or failed. */
  #enqueue(): Promise<readonly KeptFile[] | undefined> {
    const turn = this.#turn.then(async () => {
      if (this.#signal.aborted) return undefined
      return this.#keepAll().catch((error: Error) => this.#say(`Not kept: ${this.#path}: ${error.message}`))
    })
    this.#turn = turn
    return turn
  }

  async #keepAll(): Promise<readonly KeptFile[] | undefined> {
    const { objects, self, facts } = this.#job
    // A folder may go while it is walked.
    const found = await this.#findFiles().catch(() => this.#findFiles())
    // Nothing to go on from; most likely, a step is about to write it anew.
    if (found.length === 0) return undefined
    // Also a try that fails uses its number up, so that no object is ever written twice.
    const sequence = ++this.#sequence
    const files: KeptFile[] = []
    await inParallel(found, width, async (each) => {
      const known = await keepFile(this.#job, each, this.#known.get(each.path), sequence, this.#signal)
      if (known === undefined) return
      this.#known.set(each.path, known)
      files.push(known.kept)
    })
    files.sort((a, b) => (a.path < b.path ? -1 : 1))
    if (areSame(files, this.#last)) return undefined
    const manifest = runObjects.checkpoint(self.run, self.attempt, sequence)
    // One that exists is our own: only the machine that entered the fence writes here.
    await objects.create(manifest, writeRecord({ schema: 1, files }), {
      contentType: 'application/json',
      signal: this.#signal,
    })
    this.#last = files
    const paths = new Set(files.map(({ path }) => path))
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path)
    facts.checkpoint = { ...facts.checkpoint, kept: manifest }
    return files
  }

  async #findFiles(): Promise<readonly FoundFile[]> {
    const work = await realpath(this.#job.places.work)
    const root = resolve(work, this.#path)
    const target = await look(root)
    if (target === undefined) return []
    if (!isWithin(target.real, work) || !target.stats.isDirectory())
      throw new Error('it is not a folder in the work directory')
    const files: FoundFile[] = []
    for await (const each of walk(root, work)) {
      if ('file' in each) files.push(each)
      else await this.#say(`Not kept: ${join(this.#path, each.leftOut)} is ${each.why}.`)
    }
    return files
  }

  /** Once, however often it is so. */
  async #say(note: string): Promise<undefined> {
    if (this.#said.has(note)) return
    this.#said.add(note)
    await this.#job.log.write({ note })
  }
}

function areSame(files: readonly KeptFile[], others: readonly KeptFile[] | undefined): boolean {
  return (
    files.length === others?.length &&
    files.every(({ path, object, mode }, index) => {
      const other = others[index]
      return path === other?.path && object === other.object && mode === other.mode
    })
  )
}

/** `3 files, 4.2 MB`. */
export function describeFiles(files: readonly KeptFile[]): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return `${countFiles(files.length)}, ${formatBytes(bytes)}`
}
