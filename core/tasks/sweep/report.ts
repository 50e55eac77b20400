import { exitCodes } from '../../errors.ts'
import type { Report } from '../../host.ts'
import { drawTable, type Fact, writeTable } from '../../table.ts'
import { formatDuration } from '../../units.ts'
import type { Stay, SweepPlan } from './plan.ts'
import type { Removal } from './removal.ts'

type Rows = readonly (readonly string[])[]

const mostRows = 100
const mostFacts = 10

/** A sweep in every shape that a host may want. */
export function reportSweep(removals: readonly Removal[], plan: SweepPlan): Report {
  const gone = removals.filter((removal) => removal.gone)
  const stuck = removals.filter((removal) => !removal.gone)
  const failure = explainFailure(removals, plan)
  const title = `${failure === undefined ? '✔' : '✘'} ${writeTitle(gone, stuck, plan.stay)}`
  const tables = [
    cut(['REMOVED', 'ZONE', 'PAST ITS TIME', 'RUN'], gone.map(listRemoved)),
    cut(['STAYS', 'ZONE', 'WHY'], [...stuck, ...sortStays(plan.stay)].map(listStay)),
  ].filter((rows) => rows.length > 1)
  return {
    exitCode: chooseExitCode(removals, failure),
    outputs: {
      removed: String(gone.length),
      kept: String(stuck.length + plan.stay.length),
      unseen_zones: plan.unseenZones.join(','),
    },
    lines: [title, ...tables.flatMap((rows) => ['', ...drawTable(rows)])],
    summary: [`### ${title}\n`, ...tables.map(writeMarkdown)].join('\n'),
    card: { title, facts: [...stuck, ...gone].slice(0, mostFacts).map(listFact) },
    json: { time: plan.time, removed: gone, stuck, kept: plan.stay, unseenZones: plan.unseenZones },
    ...(failure !== undefined && { failure }),
  }
}

function chooseExitCode(removals: readonly Removal[], failure: string | undefined): number {
  if (failure === undefined) return exitCodes.success
  const refused = removals.some(
    (removal) => removal.failure === 'permission' || removal.sealed?.failure === 'permission',
  )
  return refused ? exitCodes.permission : exitCodes.unknown
}

/** Nothing that may still cost money, and no run without a result, ends in success. */
function explainFailure(removals: readonly Removal[], plan: SweepPlan): string | undefined {
  const lines = removals.flatMap((removal) => [
    ...(removal.gone ? [] : [describeStuck(removal)]),
    ...listFault(removal),
  ])
  const unseen = plan.unseenZones.length === 0 ? [] : [explainUnseen(plan)]
  return lines.length + unseen.length === 0 ? undefined : [...lines, ...unseen].join('\n')
}

function listFault({ sealed }: Removal): readonly string[] {
  return sealed?.fault === undefined ? [] : [`${sealed.run} has not got its result: ${sealed.fault}`]
}

/** What should be gone, and is not. */
export function describeStuck({ kind, name, zone, why }: Removal): string {
  return `The ${kind} ${name}${zone === undefined ? '' : ` in ${zone}`} is still there: ${why}`
}

/** What a partial list means. */
export function explainUnseen({ unseenZones }: SweepPlan): string {
  return `Google could not tell of ${unseenZones.join(', ')}: what is there is unknown. Sweep again later.`
}

function writeTitle(gone: readonly Removal[], stuck: readonly Removal[], stays: readonly Stay[]): string {
  return [
    gone.length === 0 ? 'Nothing removed' : `Removed ${countKinds(gone)}`,
    ...(stuck.length === 0 ? [] : [`still there: ${countKinds(stuck)}`]),
    ...(stays.length === 0 ? [] : [`kept: ${countKinds(stays)}`]),
  ].join('; ')
}

/** `2 machines, 1 disk` */
export function countKinds(things: readonly Pick<Stay, 'kind'>[]): string {
  return [...Map.groupBy(things, ({ kind }) => kind)]
    .map(([kind, { length }]) => `${length} ${kind}${length === 1 ? '' : 's'}`)
    .join(', ')
}

function listRemoved({ kind, name, zone = '', overdueSeconds, sealed }: Removal): readonly string[] {
  const run = sealed === undefined ? '' : `${sealed.run}/a${sealed.attempt}`
  const state = sealed?.fault === undefined ? 'not of this bucket' : 'not sealed'
  return [`${kind} ${name}`, zone, formatDuration(overdueSeconds), run && `${run}: ${sealed?.state ?? state}`]
}

function listStay({ kind, name, zone = '', why = '' }: Stay | Removal): readonly string[] {
  return [`${kind} ${name}`, zone, why]
}

function listFact({ kind, name, zone = '', gone, why = '' }: Removal): Fact {
  return [`${kind} ${name}`, gone ? `${zone}, removed` : `${zone}, still there: ${why}`]
}

/** What needs a person first. */
function sortStays(stays: readonly Stay[]): readonly Stay[] {
  return stays.toSorted((a, b) => Number(b.unjudged) - Number(a.unjudged))
}

function cut(head: readonly string[], rows: Rows): Rows {
  const more = rows.length - mostRows
  const rest = more > 0 ? [[`and ${more} more`, ...head.slice(1).map(() => '')]] : []
  return [head, ...rows.slice(0, mostRows), ...rest]
}

function writeMarkdown([head = [], ...rows]: Rows): string {
  return `${writeTable(
    head.map((title) => title[0] + title.slice(1).toLowerCase()),
    rows,
  )}\n`
}
