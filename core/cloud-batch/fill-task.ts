import type { Row } from '../batch/task-keys.ts'
import type { RunRecord } from '../protocol/records.ts'
import { taskExpressions } from '../template.ts'

/** One of a run's tasks. */
export interface Task {
  readonly index: number
  readonly count: number
  readonly row: Row
}

/** The plan of a task: the run's, with the task's own values in it and in the environment of its steps. */
export function fillTask(run: RunRecord, task: Task): RunRecord {
  const { env, steps, outputs, ...others } = run
  const own = fillAll({ env, steps: steps.map(({ run: _, ...step }) => step), outputs }, task)
  return {
    ...others,
    ...own,
    env: { ...task.row, ...nameTask(task), ...own.env },
    // A script's text is its own.
    steps: own.steps.map((step, index) => ({ ...step, ...scriptOf(steps[index]) })),
  }
}

/** Under Batch's own names too; the job of a retry numbers the tasks that are left from 0. */
function nameTask({ index, count }: Task): Readonly<Record<string, string>> {
  return {
    MAYFLY_TASK_INDEX: String(index),
    MAYFLY_TASK_COUNT: String(count),
    BATCH_TASK_INDEX: String(index),
    BATCH_TASK_COUNT: String(count),
  }
}

function scriptOf(step: RunRecord['steps'][number] | undefined): { run?: string } {
  return step?.run === undefined ? {} : { run: step.run }
}

/** A text with the task's values in it. */
export function fillText(text: string, { index, count, row }: Task): string {
  const values: Row = { ...row, index: String(index), count: String(count) }
  return text.replace(taskExpressions, (expression, name: string) => values[name] ?? expression)
}

function fillAll<Value>(value: Value, task: Task): Value {
  if (typeof value === 'string') return fillText(value, task) as Value
  if (Array.isArray(value)) return value.map((item) => fillAll(item, task)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fillAll(member, task)]),
  ) as Value
}
