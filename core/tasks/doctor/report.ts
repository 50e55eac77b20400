import { exitCodes } from '../../errors.ts'
import type { Report } from '../../host.ts'
import { drawTable } from '../../table.ts'
import type { Check } from './check.ts'
import type { Ask } from './visit.ts'

const marks = { ok: '✔', warning: '!', missing: '✘', unknown: '?' } as const

/** What was found, and the commands that put it right, each under what it is for. */
export function reportChecks(checks: readonly Check[], { project, bucket }: Ask): Report {
  const exitCode = chooseExitCode(checks)
  const title =
    exitCode === exitCodes.success
      ? `✔ ${project} is ready for batches, with gs://${bucket}`
      : `✘ ${project} is not ready for batches: ${countFaults(checks)}`
  const rows = drawTable(checks.map(({ name, status, says }) => [marks[status], name, status, says]))
  return {
    exitCode,
    outputs: {},
    lines: [
      title,
      ...checks.flatMap(({ fix = [] }, index) => [
        `  ${rows[index]}`,
        ...fix.map((command) => `      ${command}`),
      ]),
    ],
    summary: '',
    json: { ready: exitCode === exitCodes.success, project, bucket, checks },
  }
}

/** 77 when a role is missing, 64 when anything else is, or could not be known. */
function chooseExitCode(checks: readonly Check[]): number {
  const faults = checks.filter(isFault)
  if (faults.some(({ status, role }) => status === 'missing' && role)) return exitCodes.permission
  return faults.length > 0 ? exitCodes.badInput : exitCodes.success
}

function isFault({ status, open }: Check): boolean {
  return status === 'missing' || (status === 'unknown' && !open)
}

function countFaults(checks: readonly Check[]): string {
  const counts = (['missing', 'unknown'] as const).map((status) => {
    const count = checks.filter((check) => isFault(check) && check.status === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  return counts.flat().join(', ')
}
