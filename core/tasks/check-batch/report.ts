import { exitCodes } from '../../errors.ts'
import type { Report } from '../../host.ts'
import { drawTable, type Fact, writeTable } from '../../table.ts'
import { formatDuration } from '../../units.ts'
import type { CheckPlan, Finding } from './plan.ts'

const head = ['Batch', 'State', 'Newest success', 'Last run', 'Going on'] as const

const mostFacts = 10

/** How batches stand, in every shape that a host may want. */
export function reportChecks(findings: readonly Finding[], { time }: CheckPlan): Report {
  const unwell = findings.filter(({ well }) => !well)
  const title = titleChecks(findings)
  const rows = findings.map(writeRow)
  const troubles = unwell.flatMap(listTroubles)
  return {
    exitCode: unwell.length === 0 ? exitCodes.success : exitCodes.unwell,
    outputs: {
      unwell: unwell.map(({ batch }) => batch).join(','),
      troubles: JSON.stringify(Object.fromEntries(unwell.map((each) => [each.batch, each.troubles]))),
      running: findings.flatMap(({ running }) => running.map(({ run }) => run)).join(','),
    },
    lines: [title, '', ...drawTable([head.map((each) => each.toUpperCase()), ...rows])],
    summary: [
      `### ${title}\n`,
      ...troubles.map((line) => `- ${line}`),
      ...(troubles.length === 0 ? [] : ['']),
      `${writeTable(head, rows)}\n`,
    ].join('\n'),
    card: {
      title,
      facts: [...unwell, ...findings.filter(({ well }) => well)].slice(0, mostFacts).map(listFact),
    },
    json: { time, batches: findings },
    ...(unwell.length > 0 && { failure: troubles.join('\n') }),
  }
}

/** One line on all of them. */
export function titleChecks(findings: readonly Finding[]): string {
  const unwell = findings.filter(({ well }) => !well)
  const names = unwell.map(({ batch }) => batch).join(', ')
  const [only] = findings
  if (findings.length === 1 && only !== undefined)
    return only.well ? `✔ ${only.batch} is well` : `✘ ${only.batch} is not well`
  if (unwell.length === 0) return `✔ ${findings.length} batches are well`
  return `✘ ${unwell.length} of ${findings.length} batches ${unwell.length === 1 ? 'is' : 'are'} not well: ${names}`
}

/** A line for each trouble of a batch. */
export function listTroubles({ batch, troubles }: Finding): readonly string[] {
  return troubles.map(({ message }) => `${batch}: ${message}`)
}

function listFact(finding: Finding): Fact {
  const { batch, troubles } = finding
  return [batch, troubles.map(({ message }) => message).join('\n') || describeSuccess(finding)]
}

/** When a batch succeeded last, and what is going on. */
export function describeSuccess({ success, running }: Finding): string {
  const newest =
    success === undefined ? 'no success' : `newest success ${formatDuration(success.ageSeconds)} ago`
  return running.length === 0 ? newest : `${newest}, ${running.length} going on`
}

function writeRow({ batch, well, success, last, running }: Finding): readonly string[] {
  const longest = Math.max(...running.map(({ seconds }) => seconds))
  return [
    batch,
    well ? 'well' : 'not well',
    success === undefined ? 'none' : `${formatDuration(success.ageSeconds)} ago`,
    last === undefined ? 'none' : last.exitCode === 0 ? last.state : `${last.state} (${last.exitCode})`,
    running.length === 0 ? '' : `${running.length}, for ${formatDuration(longest)}`,
  ]
}
