import type { Row } from '../core/batch/task-keys.ts'
import { rowsInChunk, taskObjects } from '../core/cloud-batch/depot.ts'
import { listEnd } from '../core/cloud-batch/ends.ts'
import { fillTask } from '../core/cloud-batch/fill-task.ts'
import { readRanges } from '../core/cloud-batch/ranges.ts'
import { readStop } from '../core/cloud-batch/stop.ts'
import { openTry } from '../core/cloud-batch/tries.ts'
import { runObjects } from '../core/depot.ts'
import { exitCodes, MayflyError } from '../core/errors.ts'
import { readRun } from '../core/protocol/claim.ts'
import { persist } from '../core/protocol/persist.ts'
import { attemptRecord, parseRecord, type RunRecord } from '../core/protocol/records.ts'
import type { Objects } from '../core/world.ts'
import { beginning, carryOut } from './attempt.ts'
import { monotonicClock as clock } from './clock.ts'
import { say } from './console.ts'
import type { Deadline } from './deadline.ts'
import type { Google } from './google.ts'
import { readMachine } from './metadata.ts'

/** Whether this program is a task of a job of Google Cloud Batch. */
export function isTask(): boolean {
  return process.env.MAYFLY_ENGINE === 'cloud-batch'
}

/** What a job tells its tasks. */
interface Order {
  readonly bucket: string
  /** `runs/<batch>/<id>` */
  readonly run: string
  readonly attempt: number
  /** Counted within the job. */
  readonly place: number
}

/**
 * Does one task: finds out which it is and what is left to do about it, carries out the plan with the task's own values,
 * and lists its end. Throws when there is no result.
 */
export async function performTask(google: Google, root: string, deadline: Deadline): Promise<void> {
  const order = readOrder()
  const objects = google.bucket(order.bucket)
  const machine = await readMachine()
  const { run, index, row } = await persist(() => readTask(objects, order), beginning())
  const path = taskObjects.task(order.run, order.attempt, index)
  const opening = await persist(() => openTry(objects, path, run.attempts), beginning())
  const list = (number: number, endedMs: number, result: Parameters<typeof listEnd>[4]) =>
    persist(() => listEnd(objects, order.run, order.attempt, { index, number, endedMs }, result), {
      clock,
      signal: deadline.end,
    })
  if (opening.is === 'over') {
    say(`nothing is run: task ${index} has its result (${opening.result.state})`)
    await list(opening.number, clock.now(), opening.result)
    return
  }
  const plan = fillTask(run, { index, count: run.tasks?.count ?? 1, row })
  const { type, spot } = run.machine
  const self = {
    ...machine,
    bucket: order.bucket,
    run: path,
    attempt: opening.number,
    placement: { type, spot, soldOut: [] },
  }
  const refuse = () => readStop(objects, order.run, order.attempt)
  const carried = await carryOut(self, plan, google, root, deadline, refuse)
  if (carried) await list(opening.number, carried.endedMs, carried.result)
}

function readOrder(): Order {
  const read = (name: string) => {
    const value = process.env[name]
    if (value !== undefined) return value
    throw new MayflyError(`the variable ${name} is missing, which the job sets.`, exitCodes.unknown)
  }
  return {
    bucket: read('MAYFLY_BUCKET'),
    run: read('MAYFLY_RUN'),
    attempt: Number(read('MAYFLY_ATTEMPT')),
    place: Number(read('BATCH_TASK_INDEX')),
  }
}

async function readTask(objects: Objects, { run: path, attempt, place }: Order) {
  const run = await readRun(objects, path)
  if (run === undefined)
    throw new MayflyError(`gs://${objects.bucket}/${path}/run.json does not exist.`, exitCodes.unknown)
  const index = attempt === 1 ? place : await readIndex(objects, path, attempt, place)
  return { run, index, row: await readRow(objects, path, run, index) }
}

/** An attempt after the first is for some of the tasks only. */
async function readIndex(objects: Objects, path: string, attempt: number, place: number): Promise<number> {
  const name = runObjects.attempt(path, attempt)
  const { tasks } = parseRecord(attemptRecord, name, (await objects.read(name)) ?? new Uint8Array())
  if (tasks === undefined) return place
  let passed = 0
  for (const index of readRanges(tasks)) if (passed++ === place) return index
  throw new MayflyError(`${name} is for no task at place ${place}.`, exitCodes.unknown)
}

async function readRow(objects: Objects, path: string, run: RunRecord, index: number): Promise<Row> {
  if (run.tasks?.columns === undefined) return {}
  const name = taskObjects.rows(path, index)
  const bytes = await objects.read(name)
  const rows = bytes && (JSON.parse(new TextDecoder().decode(bytes)) as readonly Row[])
  const row = rows?.[index % rowsInChunk]
  if (row === undefined)
    throw new MayflyError(`gs://${objects.bucket}/${name} has no row for task ${index}.`, exitCodes.unknown)
  return row
}
