// Where the tasks of a run lie. Not below `runs/`: a list of runs would walk over hundreds of thousands of objects.

/** Rows of so many tasks are one object. */
export const rowsInChunk = 1000

const digits = (count: number, width: number) => String(count).padStart(width, '0')

/** The folder of what belongs to the tasks of a run, by the run's path: `tasks/<batch>/<id>`. */
function folderOf(run: string): string {
  return run.replace(/^runs\//, 'tasks/')
}

/** The objects of a run's tasks, by the run's path and the number of its attempt. */
export const taskObjects = {
  /** What a task does is laid out below this as a run's own attempts are: each try has its number. */
  task: (run: string, attempt: number, index: number) => `${folderOf(run)}/a${attempt}/t${digits(index, 6)}`,
  tasks: (run: string, attempt: number) => `${folderOf(run)}/a${attempt}/t`,
  /** Who creates it says that no task begins any more. */
  stopped: (run: string, attempt: number) => `${folderOf(run)}/a${attempt}/stopped.json`,
  /** In the order in which tries ended, so that whoever follows asks for the last of them only. */
  ends: (run: string, attempt: number) => `${folderOf(run)}/a${attempt}/ended/`,
  end: (run: string, attempt: number, endedMs: number, index: number, number: number) =>
    `${taskObjects.ends(run, attempt)}${digits(Math.floor(endedMs), 14)}-t${digits(index, 6)}-a${number}`,
  rows: (run: string, index: number) =>
    `${folderOf(run)}/rows/${digits(Math.floor(index / rowsInChunk), 6)}.json`,
} as const

/** What the name of an end tells. */
export function readEndName(name: string): { endedMs: number; index: number; number: number } | undefined {
  const [, endedMs, index, number] = /\/ended\/(\d+)-t(\d+)-a(\d+)$/.exec(name) ?? []
  return number === undefined
    ? undefined
    : { endedMs: Number(endedMs), index: Number(index), number: Number(number) }
}
