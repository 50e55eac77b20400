import { exitCodes } from '../../errors.ts'
import type { Report } from '../../host.ts'
import { drawTable, writeTable } from '../../table.ts'
import { formatDuration } from '../../units.ts'
import type { DayOutcome } from './backfill.ts'
import type { BackfillPlan } from './backfill-plan.ts'

/** What the days came to, in every shape that a host may want. */
export function reportBackfill(days: readonly DayOutcome[], plan: BackfillPlan): Report {
  const exitCode = days.map(chooseExitCode).find((code) => code !== 0) ?? 0
  const failure = explainFailure(days)
  const title = titleOf(days, plan)
  return {
    exitCode,
    outputs: {
      state: exitCode === 0 ? 'succeeded' : days.some(isCancelled) ? 'cancelled' : 'failed',
      exit_code: String(exitCode),
      days: JSON.stringify(Object.fromEntries(days.map(({ day, state, run }) => [day, { state, run }]))),
    },
    lines: [title, ...drawTable([head.map((word) => word.toUpperCase()), ...days.map(writeRow)]).map(indent)],
    summary: [
      `### ${title}`,
      ...(failure === undefined ? [] : [`> ${failure.replaceAll('\n', '\n> ')}`]),
      writeTable(head, days.map(writeRow)),
      '',
    ].join('\n\n'),
    card: { title, facts: days.map((day) => [day.day, nameState(day)]) },
    json: { batch: plan.batch, param: plan.param, days },
    ...(failure !== undefined && { failure }),
  }
}

const head = ['Day', 'State', 'Time', 'Run']

function writeRow(day: DayOutcome): readonly string[] {
  return [day.day, nameState(day), day.seconds === 0 ? '' : formatDuration(day.seconds), day.run]
}

function indent(line: string): string {
  return `  ${line}`
}

/** `2026-11-04: failed, exit code 1, in 3 m: Step "train" failed with exit code 1.` */
export function describeDay(day: DayOutcome): string {
  const why = day.exitCode === 0 ? '' : `: ${day.message.split('\n')[0]}`
  return `${day.day}: ${nameState(day)}, in ${formatDuration(day.seconds)}${why}`
}

function nameState({ state, exitCode, followed }: DayOutcome): string {
  if (state === 'succeeded') return followed ? 'succeeded before' : state
  return exitCode === 0 ? state : `${state}, exit code ${exitCode}`
}

export function titleOf(days: readonly DayOutcome[], { batch, param, days: planned }: BackfillPlan): string {
  const good = days.filter(({ state }) => state === 'succeeded')
  const before = good.filter(({ followed }) => followed).length
  const mark = good.length === planned.length ? '✔' : '✘'
  const range = `${param} ${planned[0]?.day} to ${planned.at(-1)?.day}`
  return `${mark} ${batch}, ${range}: ${good.length} of ${planned.length} days succeeded${before === 0 ? '' : `, ${before} of them before`}`
}

/** A machine that may still cost money never ends in success. */
function chooseExitCode({ exitCode, outcome }: DayOutcome): number {
  return exitCode === 0 && outcome?.leftover !== undefined ? exitCodes.unknown : exitCode
}

function isCancelled({ state }: DayOutcome): boolean {
  return state === 'cancelled'
}

export function explainFailure(days: readonly DayOutcome[]): string | undefined {
  const bad = days.filter((day) => chooseExitCode(day) !== 0)
  if (bad.length === 0) return undefined
  const leftovers = bad.flatMap(({ day, outcome }) =>
    outcome?.leftover === undefined
      ? []
      : [
          `${day}: the machine ${outcome.leftover.name} could not be proven gone: ${outcome.leftover.why}. ${outcome.leftover.link}`,
        ],
  )
  const advice = 'Ask again to do what is missing; with retry, days that have failed get another attempt.'
  return [...bad.map(describeDay), ...leftovers, advice].join('\n')
}
