import { type Example, writeBatch } from './write.ts'

/** A batch for Google Cloud Batch with these tasks, on line 6. */
function tasks(text: string, more = ''): string {
  return writeBatch({ more: `engine: cloud-batch\ntasks: ${text}\n${more}` })
}

/** Good files. */
export const acceptedTasks: readonly Omit<Example, 'problems'>[] = [
  { what: 'a job of one task', source: writeBatch({ more: 'engine: cloud-batch' }) },
  { what: 'a count of tasks', source: tasks('{ count: 100000, parallelism: 5000 }') },
  {
    what: 'rows',
    source: tasks('{ rows: [{ name: ada, size: 1 }, { size: 2, name: max }], parallelism: 1 }'),
  },
  { what: 'a file of rows', source: tasks('{ rows: lists/rows.csv }', 'env: { A: "${{ task.anything }}" }') },
  {
    what: 'what a task knows of itself',
    source: tasks(
      '{ rows: [{ name: ada }] }',
      'env: { A: "${{ task.index }} of ${{ task.count }}", B: "${{ task.name }}" }\noutputs: [{ path: a, to: "gs://b/${{ task.name }}/" }]',
    ),
  },
  {
    what: 'a table for the rows of all tasks',
    source: tasks('{ count: 2 }', 'outputs: [{ path: a.csv, to: bigtable://i/t, key: id, family: f }]'),
  },
  { what: 'one engine by name', source: writeBatch({ more: 'engine: vm' }) },
]

/** Files that are refused because of their tasks. */
export const refusedTasks: readonly Example[] = [
  {
    what: 'tasks with engine vm',
    source: writeBatch({ more: 'tasks: { count: 2 }' }),
    problems: [
      '5:1: tasks: tasks are for engine: cloud-batch; engine vm runs the steps once, on one machine. Add engine: cloud-batch.',
    ],
    beyondSchema: 'two keys that depend on each other',
  },
  {
    what: 'an engine that there is not',
    source: writeBatch({ more: 'engine: cloud-bach' }),
    problems: ['5:9: engine: expected vm or cloud-batch, got "cloud-bach". Did you mean "cloud-batch"?'],
  },
  {
    what: 'a count of nothing',
    source: tasks('{ count: 0 }'),
    problems: ['6:17: tasks.count: expected a whole number from 1 to 100000, got 0.'],
  },
  {
    what: 'a count above the limit',
    source: tasks('{ count: 100001 }'),
    problems: ['6:17: tasks.count: expected a whole number from 1 to 100000, got 100001.'],
  },
  {
    what: 'more at once than there may be',
    source: tasks('{ count: 1, parallelism: 5001 }'),
    problems: ['6:33: tasks.parallelism: expected a whole number from 1 to 5000, got 5001.'],
  },
  {
    what: 'a count and rows',
    source: tasks('{ count: 1, rows: [{ a: 1 }] }'),
    problems: ['6:20: tasks.rows: cannot stand beside count.'],
  },
  {
    what: 'neither a count nor rows',
    source: tasks('{ parallelism: 1 }'),
    problems: ['6:1: tasks: tasks needs count or rows.'],
  },
  {
    what: 'rows that differ in their columns',
    source: tasks('{ rows: [{ a: 1, b: 2 }, { a: 1, c: 2 }] }'),
    problems: [
      '6:33: tasks.rows: the row has the columns a, c, and the first row has a, b. All rows have the same.',
    ],
    beyondSchema: 'items that depend on each other',
  },
  {
    what: 'a column whose name is taken',
    source: tasks('{ rows: [{ index: 1 }] }'),
    problems: [
      '6:19: tasks.rows.index: expected letters, digits and "_", and neither index nor count nor a name that begins with MAYFLY_ or BATCH_ as the name, got "index".',
    ],
  },
  {
    what: 'a file of rows of another kind',
    source: tasks('{ rows: rows.xlsx }'),
    problems: [
      '6:16: tasks.rows: expected a list of rows, or a file of them such as rows.csv, got "rows.xlsx".',
    ],
  },
  {
    what: 'a column that the rows have not',
    source: tasks('{ rows: [{ name: ada }] }', 'env: { A: "${{ task.nam }}" }'),
    problems: ['7:12: env.A: there is no value "task.nam". Did you mean "task.name"?'],
    beyondSchema: 'expressions',
  },
  {
    what: 'what only tasks know, on one machine',
    source: writeBatch({ more: 'env: { A: "${{ task.index }}" }' }),
    problems: [
      '5:12: env.A: there is no value "task.index". There are run.id, run.batch, code.name, code.tag, code.commit.',
    ],
    beyondSchema: 'expressions',
  },
  {
    what: 'an output that every task writes to the same place',
    source: tasks('{ count: 2 }', 'outputs: [{ path: a, to: gs://b/c/ }]'),
    problems: [
      '7:26: outputs.to: every task would write to the same place. Add what differs, such as ${{ task.index }}/ at its end.',
    ],
    beyondSchema: 'two keys that depend on each other',
  },
  {
    what: 'inputs that differ, and a run that is found by them',
    source: tasks('{ count: 2 }', 'reuse: true\ninputs: [{ from: "gs://b/${{ task.index }}", to: a }]'),
    problems: [
      '7:8: reuse: a run with engine: cloud-batch is not found by its inputs. Give it a key instead.',
      '8:18: inputs.from: inputs are listed once, for all tasks. What differs from task to task, a step has to fetch.',
    ],
    beyondSchema: 'two keys that depend on each other',
  },
  {
    what: 'zones of two regions, a list of types, a second choice and a time that Batch does not have',
    source: writeBatch({
      machine:
        'machine: { image: i, type: [n2-standard-2, e2-standard-2], spot: preferred, zones: [us-east1-b, us-west1-a] }',
      timeout: 'timeout: 15d',
      more: 'engine: cloud-batch',
    }),
    problems: [
      '2:28: machine.type: Google Cloud Batch takes one machine type, not a list.',
      '2:66: machine.spot: Google Cloud Batch takes true or false: it has no second choice.',
      "2:84: machine.zones: the zones of a Google Cloud Batch job are all of one region, the job's.",
      '3:10: timeout: expected at most 14d: no job of Google Cloud Batch runs for longer.',
    ],
    beyondSchema: 'two keys that depend on each other',
  },
]
