import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StatusEvent, TaskState } from './job.ts'

/** A task of a job. */
export interface Task {
  readonly index: number
  readonly state: TaskState
  /** Retries begun. */
  readonly retries: number
  readonly events: readonly StatusEvent[]
}

/** A change of a task, as a line of the journal. */
interface Change extends Omit<Task, 'events'> {
  readonly event: StatusEvent
}

/** The tasks of one job: in memory, and on disk as a journal that is only ever added to. */
export interface Tasks {
  readonly count: number
  get(index: number): Task | undefined
  set(index: number, state: TaskState, event: StatusEvent, retries?: number): void
  /** How many are in each state. */
  counts(): Readonly<Partial<Record<TaskState, number>>>
  /** In the order of their numbers, from one on. */
  list(from?: number): Iterable<Task>
  remove(): void
}

/** Opens the tasks of a job of `count`; `file` is the journal. */
export function openTasks(file: string, count: number): Tasks {
  const tasks = new Map<number, Task>()
  const counts = new Map<TaskState, number>([['PENDING', count]])
  const untouched = (index: number): Task => ({ index, state: 'PENDING', retries: 0, events: [] })
  const get = (index: number) =>
    index >= 0 && index < count ? (tasks.get(index) ?? untouched(index)) : undefined

  function apply({ index, state, retries, event }: Change) {
    const { state: old, events } = get(index) ?? untouched(index)
    counts.set(old, (counts.get(old) ?? 0) - 1)
    counts.set(state, (counts.get(state) ?? 0) + 1)
    tasks.set(index, { index, state, retries, events: [...events, event] })
  }

  for (const line of readLines(file)) apply(JSON.parse(line) as Change)
  mkdirSync(dirname(file), { recursive: true })

  return {
    count,
    get,
    set(index, state, event, retries = get(index)?.retries ?? 0) {
      const change = { index, state, retries, event }
      appendFileSync(file, `${JSON.stringify(change)}\n`)
      apply(change)
    },
    counts: () => Object.fromEntries([...counts].filter(([, number]) => number > 0)),
    *list(from = 0) {
      for (let index = from; index < count; index++) yield get(index) as Task
    },
    remove: () => rmSync(file, { force: true }),
  }
}

/** Whole lines: an emulator that was killed may have left half a one. */
function readLines(file: string): readonly string[] {
  try {
    const text = readFileSync(file, 'utf8')
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
