import type { Tally } from '../../protocol/records.ts'
import { writeTable } from '../../table.ts'
import type { Outcome } from './outcome.ts'

/** So many failures are shown; the result has more, and `runs logs` every one. */
const mostShown = 10
const longestLine = 160

/** `tasks     1000: 988 succeeded, 10 user, 2 lost`, and the first that did not succeed, for a terminal. */
export function drawTasks({ tasks, run }: Outcome): readonly string[] {
  if (tasks === undefined) return []
  const shown = tasks.failures.slice(0, mostShown)
  return [
    `  tasks    ${tasks.count}: ${describeClasses(tasks)}`,
    ...shown.map(
      ({ task, exitCode, message }) => `  task     ${task}, exit code ${exitCode}: ${firstLine(message)}`,
    ),
    ...(tasks.unfinished === ''
      ? []
      : [
          `  failed   ${tasks.unfinished}`,
          `           mayfly runs logs ${run} --task ${shown[0]?.task ?? 0}`,
          `           mayfly run-batch --retry-failed ${run}`,
        ]),
  ]
}

/** The same for a job summary. */
export function tabulateTasks({ tasks, run }: Outcome): readonly string[] {
  if (tasks === undefined || tasks.failures.length === 0) return []
  const rows = tasks.failures
    .slice(0, mostShown)
    .map(({ task, state, exitCode, message }) => [
      String(task),
      state,
      String(exitCode),
      firstLine(message),
      `\`mayfly runs logs ${run} --task ${task}\``,
    ])
  return [writeTable(['Task', 'State', 'Exit code', 'What it said', 'Its log'], rows)]
}

export function describeClasses({ classes }: Tally): string {
  return Object.entries(classes)
    .map(([name, count]) => `${count} ${name === 'user' ? 'failed' : name}`)
    .join(', ')
}

function firstLine(message: string): string {
  const [line = ''] = message.split('\n')
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line
}
