import { type Job, type Runnable, readSeconds, specOf, type Variables } from './job.ts'
import type { Task } from './tasks.ts'

/** Batch's own longest run of a job. https://cloud.google.com/batch/quotas#max-job-duration */
const longestSeconds = 14 * 24 * 60 * 60

/** What a VM is given to run for a task: its first line says which task it is and how many seconds it may take. */
export function writeTaskScript(job: Job, { index, retries }: Task): string {
  const spec = specOf(job)
  const group = job.taskGroups?.[0]
  const seconds = Math.min(readSeconds(spec.maxRunDuration) ?? longestSeconds, longestSeconds)
  // https://cloud.google.com/batch/docs/create-run-job-custom-environment-variables#predefined
  const predefined = {
    BATCH_JOB_UID: job.uid,
    BATCH_JOB_ID: job.name.split('/').at(-1) ?? '',
    BATCH_TASK_GROUP_ID: 'group0',
    BATCH_TASK_INDEX: String(index),
    BATCH_TASK_COUNT: String(job.local.taskCount),
    BATCH_TASK_RETRY_ATTEMPT: String(retries),
  }
  const variables = {
    ...spec.environment?.variables,
    ...group?.taskEnvironments?.[index]?.variables,
    ...predefined,
  }
  return [
    `#task ${index} ${seconds}`,
    ...writeExports(variables),
    'failed=0',
    ...(spec.runnables ?? []).flatMap(writeRunnable),
    // A background process of the script's would otherwise be waited for.
    'exit "$failed"',
    '',
  ].join('\n')
}

function writeRunnable(
  { script, alwaysRun, ignoreExitStatus, environment, timeout }: Runnable,
  index: number,
) {
  const file = script?.path === undefined ? `"\${0%/*}/runnable-${index}"` : quote(script.path)
  const seconds = readSeconds(timeout)
  const limit = seconds === undefined ? '' : `timeout --kill-after=10 ${seconds} `
  return [
    `if [ "$failed" -eq 0 ]${alwaysRun ? ' || true' : ''}; then`,
    '  (',
    ...writeExports(environment?.variables ?? {}),
    ...(script?.text === undefined ? [] : [`printf %s ${quote(script.text)} >${file}`, `chmod 700 ${file}`]),
    // `exec` gives a text without a #! line to the shell itself.
    `${limit}sh -c 'exec "$0"' ${file}`,
    '  )',
    '  code=$?',
    ignoreExitStatus ? '  code=0' : '',
    '  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=$code; fi',
    'fi',
  ]
}

function writeExports(variables: Variables): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
