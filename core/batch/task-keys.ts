import { key, list, map, object } from './collections.ts'
import { findItem, type Item } from './document.ts'
import { isScalar, text, wholeNumber } from './scalars.ts'
import { refine, type Shape } from './shape.ts'

/** https://cloud.google.com/batch/quotas#job_limits */
export const taskLimits = { count: 100_000, parallelism: 5000 } as const

/** One task's values, by column. */
export type Row = Readonly<Record<string, string>>

/** `tasks:` as it is written. */
export interface Tasks {
  readonly count?: number
  readonly parallelism?: number
  readonly rows?: readonly Row[]
  /** A file of the working directory that has the rows. */
  readonly rowsFile?: string
}

/** Columns become environment variables, and `task.index` and `task.count` are taken. */
export const columnNames = {
  expected:
    'letters, digits and "_", and neither index nor count nor a name that begins with MAYFLY_ or BATCH_',
  pattern: /^(?!(?:index|count)$|MAYFLY_|BATCH_)[A-Za-z_][A-Za-z0-9_]*$/u,
} as const

const row = map(columnNames, text({ expected: 'text ("" for none)' }))
const manyRows = list(row, (_, index) => String(index))

/** A list of rows; all have the columns of the first. */
export const rowList: Shape<readonly Row[]> = refine(manyRows, (rows, item) => {
  if (rows.length > taskLimits.count)
    item.complainAtKey(`expected at most ${taskLimits.count} rows, one for each task, got ${rows.length}.`)
  const columns = nameColumns(rows[0] ?? {})
  for (const [index, each] of item.items().entries()) {
    const other = nameColumns(rows[index] ?? {})
    if (other !== columns)
      each.complain(
        `the row has the columns ${other}, and the first row has ${columns}. All rows have the same.`,
      )
  }
  return rows
})

function nameColumns(row: Row): string {
  return Object.keys(row).sort().join(', ') || '(none)'
}

const rowsFile = text({
  expected: 'a list of rows, or a file of them such as rows.csv',
  pattern: /^\S(?:.*\S)?\.(?:csv|json|ya?ml)$/u,
})

const rows: Shape<readonly Row[] | string> = {
  schema: { anyOf: [rowList.schema, rowsFile.schema] },
  read: (item, names) => (isScalar(item) ? rowsFile : rowList).read(item, names),
}

/** `tasks:` of a batch file. */
export const tasks: Shape<Tasks> = refine(
  object(
    { what: 'tasks', oneOf: ['count', 'rows'], never: [['count', 'rows']] },
    {
      count: key(wholeNumber(1, taskLimits.count), {
        description: 'how many tasks there are; each runs the steps, and knows its number from 0 on',
      }),
      rows: key(rows, {
        description:
          'a task for each row: a list of maps with the same columns, or a file of the working directory (.csv with a line of names, .json or .yaml). A task has its values as environment variables and in `${{ task.<column> }}`',
        example: 'rows.csv',
      }),
      parallelism: key(wholeNumber(1, taskLimits.parallelism), {
        description: `how many run at once, each on a machine of its own; as many as there are, up to ${taskLimits.parallelism}, when absent`,
        example: '50',
      }),
    },
  ),
  ({ rows: given, ...others }) => {
    if (given === undefined) return others
    return typeof given === 'string' ? { ...others, rowsFile: given } : { ...others, rows: given }
  },
)

/** What `${{ }}` may name because of tasks; of a file of rows, the columns are not known before it is read. */
export function listTaskNames(root: Item): readonly string[] {
  if (findItem(root, 'engine')?.text !== 'cloud-batch') return []
  const given = findItem(root, 'tasks', 'rows')
  if (given?.kind === 'text') return [...taskNames, 'task.*']
  const columns = given?.items()[0]?.entries() ?? []
  return [...taskNames, ...columns.map(({ key }) => `task.${key}`)]
}

/** The names that every task has. */
export const taskNames = ['task.index', 'task.count'] as const
