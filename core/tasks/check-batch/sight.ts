import { runObjects } from '../../depot.ts'
import { CloudError, MayflyError } from '../../errors.ts'
import { readPatience } from '../../protocol/choices.ts'
import { readRun } from '../../protocol/claim.ts'
import { type OutputResult, parseRecord, type ResultRecord, resultRecord } from '../../protocol/records.ts'
import { listRecent, type OpenedAttempt } from '../../recent-attempts.ts'
import type { Objects } from '../../world.ts'

/** One that is over. */
export interface EndedRun extends OpenedAttempt {
  readonly result: ResultRecord
}

/** One without a result. */
export interface RunningRun extends OpenedAttempt {
  readonly by: string
  /** When its machine is gone at the latest. */
  readonly due: number
}

/** The newest success, looked at closely. */
export interface NewestSuccess extends EndedRun {
  readonly ended: number
  /** Names of the outputs that a success of it has. */
  readonly planned: readonly string[]
  /** Names of outputs that were stored in the depot and are there no more. */
  readonly gone: readonly string[]
}

/** What the depot shows of a batch. */
export interface BatchSight {
  readonly batch: string
  /** The newest first. */
  readonly ended: readonly EndedRun[]
  readonly running: readonly RunningRun[]
  readonly success?: NewestSuccess
  /** When the newest that is over lost its machine, if it did: another one may follow. */
  readonly lost?: number
  /** A record that this version does not understand: what else is seen counts for little. */
  readonly unreadable?: string
}

/** Entries that are asked for and results that are read at a time. */
const width = 16

/** Attempts. A batch without a success among these has not had one for long. */
const mostLooked = 320

/** Looks back over a batch until it has seen its newest success and as many before it as asked for. */
export async function lookAt(objects: Objects, batch: string, history: number): Promise<BatchSight> {
  try {
    const { ended, open } = await readBack(objects, batch, history + 1)
    const running = await Promise.all(open.map((attempt) => lookAtRunning(objects, attempt)))
    const newest = ended.find(isSuccess)
    const success = newest && (await lookAtSuccess(objects, newest))
    const lost = await readLoss(objects, ended[0])
    return {
      batch,
      ended,
      running: running.flatMap((run) => run ?? []),
      ...(success && { success }),
      ...(lost !== undefined && { lost }),
    }
  } catch (error) {
    // Only of this batch; what Google refuses, it refuses for all.
    if (!(error instanceof MayflyError) || error instanceof CloudError) throw error
    return { batch, ended: [], running: [], unreadable: error.message }
  }
}

function isSuccess({ result }: EndedRun): boolean {
  return result.state === 'succeeded'
}

async function readLoss(objects: Objects, newest: EndedRun | undefined): Promise<number | undefined> {
  if (newest?.result.state !== 'lost' && newest?.result.state !== 'preempted') return undefined
  return (await objects.stat(runObjects.result(newest.run, newest.number)))?.created
}

async function readBack(objects: Objects, batch: string, successes: number) {
  const ended: EndedRun[] = []
  const open: OpenedAttempt[] = []
  const last = new Map<string, number>()
  let looked = 0
  for await (const page of inPages(listRecent(objects, batch, width), width)) {
    looked += page.length
    for (const { run, number } of page) last.set(run, number)
    for (const attempt of await Promise.all(page.map((each) => readEnd(objects, each))))
      if ('result' in attempt) ended.push(attempt)
      else open.push(attempt)
    if (ended.filter(isSuccess).length >= successes || looked >= mostLooked) break
  }
  const isLast = ({ run, number }: OpenedAttempt) => last.get(run) === number
  return { ended: ended.filter(isLast), open: open.filter(isLast) }
}

async function* inPages<Item>(items: AsyncIterable<Item>, size: number): AsyncIterable<readonly Item[]> {
  let page: Item[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

async function readEnd(objects: Objects, attempt: OpenedAttempt): Promise<OpenedAttempt | EndedRun> {
  const name = runObjects.result(attempt.run, attempt.number)
  const bytes = await objects.read(name)
  return bytes === undefined ? attempt : { ...attempt, result: parseRecord(resultRecord, name, bytes) }
}

/** Undefined for an entry whose opener died before the attempt was there. */
async function lookAtRunning(objects: Objects, attempt: OpenedAttempt): Promise<RunningRun | undefined> {
  const { run: path, number } = attempt
  const [opened, started, run] = await Promise.all([
    objects.stat(runObjects.attempt(path, number)),
    objects.stat(runObjects.started(path, number)),
    readRun(objects, path),
  ])
  if (opened === undefined || run === undefined) return undefined
  const begun = started?.created ?? opened.created + readPatience(run)
  return { ...attempt, opened: opened.created, by: run.by, due: begun + run.timeoutSeconds * 1000 }
}

async function lookAtSuccess(objects: Objects, newest: EndedRun): Promise<NewestSuccess> {
  const { run: path, number, opened, result } = newest
  const [stored, run, gone] = await Promise.all([
    objects.stat(runObjects.result(path, number)),
    readRun(objects, path),
    Promise.all(result.outputs.map((output) => findGone(objects, output))),
  ])
  const due = run?.outputs.filter((output) => output.when !== 'failure') ?? []
  return {
    ...newest,
    ended: stored?.created ?? opened,
    planned: due.map(({ name }) => name),
    gone: gone.flat(),
  }
}

/** Other places than the depot are not looked at. */
async function findGone(objects: Objects, { name, uri, files }: OutputResult): Promise<readonly string[]> {
  const home = `gs://${objects.bucket}/`
  if (!uri.startsWith(home) || files === 0) return []
  const object = uri.slice(home.length)
  if (!object.endsWith('/')) return (await objects.stat(object)) === undefined ? [name] : []
  for await (const _ of objects.list(object, { pageSize: 1 })) return []
  return [name]
}
