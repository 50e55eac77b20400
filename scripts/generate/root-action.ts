import type { Field } from '../../core/fields.ts'
import type { Task } from '../../core/task.ts'
import { writeAction } from './action-file.ts'
import { mapEntries } from './entries.ts'
import { describeField, quote, readDefault } from './field-text.ts'
import type { GeneratedFile } from './files.ts'

/**
 * The action that does every task. It declares no defaults: one that belongs to another task would arrive as an
 * input that the chosen task does not have.
 */
export function writeRootAction(tasks: readonly Task[]): GeneratedFile {
  const names = tasks.map(({ name }) => quote(name)).join(' or ')
  const inputs = mergeByName(tasks, ({ fields }) => mapEntries(fields, describeWithDefault))
  return writeAction('action.yml', {
    name: 'Mayfly',
    description:
      'Machines that live for one batch: code releases and batch runs on Google Cloud, from a git tag.',
    inputs: {
      task: { description: `What to do: ${names}.`, required: true },
      ...mapEntries(inputs, (description) => ({ description })),
    },
    outputs: mergeByName(tasks, ({ outputs }) => outputs),
    main: 'dist/actions/main.js',
    // Does nothing after a task that saved no state.
    post: 'dist/actions/run-batch/post.js',
  })
}

function describeWithDefault(field: Field<unknown>): string {
  const value = readDefault(field)
  return `${describeField(field)}${value === undefined ? '' : ` Default: ${quote(value)}.`}`
}

/** One description a name. Where not all tasks say the same, each is told for which it is said. */
function mergeByName(
  tasks: readonly Task[],
  describe: (task: Task) => Readonly<Record<string, string>>,
): Record<string, string> {
  const all = tasks.map((task) => ({ task: task.name, descriptions: describe(task) }))
  const names = new Set(all.flatMap(({ descriptions }) => Object.keys(descriptions)))
  return Object.fromEntries(
    [...names].map((name) => {
      const said = all.flatMap(({ task, descriptions }) => {
        const description = descriptions[name]
        return description === undefined ? [] : [{ task, description }]
      })
      return [name, joinSaid(said, tasks.length)]
    }),
  )
}

interface Said {
  readonly task: string
  readonly description: string
}

function joinSaid(said: readonly Said[], ofTasks: number): string {
  const byDescription = Map.groupBy(said, ({ description }) => description)
  return [...byDescription]
    .map(([description, by]) =>
      by.length === ofTasks ? description : `${by.map(({ task }) => task).join(', ')}: ${description}`,
    )
    .join(' ')
}
