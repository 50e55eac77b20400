import { exitCodes } from '../../errors.ts'
import type { Card, Report } from '../../host.ts'
import { explainPrice } from '../../prices/estimate.ts'
import { describeSoldOut, nameChoice } from '../../protocol/choices.ts'
import { type Fact, writeTable } from '../../table.ts'
import { countFiles, formatBytes, formatDuration } from '../../units.ts'
import type { Outcome } from './outcome.ts'
import { describeClasses, drawTasks, tabulateTasks } from './report-tasks.ts'
import { drawGantt, drawPhases, sumPhases } from './timeline.ts'

/** Where each step stands in the batch file that was asked for, by the step's name. */
export type Places = Readonly<Record<string, string>>

/** An outcome in every shape that a host may want. */
export function reportOutcome(outcome: Outcome, places: Places = {}): Report {
  const failure = explainFailure(outcome)
  const failureAt = outcome.step === undefined ? undefined : places[outcome.step]
  return {
    exitCode: chooseExitCode(outcome),
    outputs: {
      run: outcome.run,
      state: outcome.state,
      reason: outcome.reason ?? '',
      exit_code: String(outcome.exitCode),
      followed: String(outcome.followed),
      result: outcome.result ?? '',
      manifest: outcome.manifest ?? '',
      outputs: JSON.stringify(Object.fromEntries(outcome.outputs.map(({ name, uri }) => [name, uri]))),
      price: outcome.price !== undefined && 'amount' in outcome.price ? String(outcome.price.amount) : '',
      machine_gone: outcome.machineGone ?? '',
    },
    lines: writeLines(outcome),
    summary: writeSummary(outcome),
    card: writeCard(outcome),
    json: outcome,
    ...(failure !== undefined && { failure }),
    ...(failureAt !== undefined && { failureAt }),
  }
}

/** A machine that may still cost money never ends in success. */
function chooseExitCode({ exitCode, leftover }: Outcome): number {
  return exitCode === 0 && leftover !== undefined ? exitCodes.unknown : exitCode
}

function explainFailure(outcome: Outcome): string | undefined {
  const { leftover, message, state } = outcome
  const parts = [
    ...(state === 'succeeded' || state === 'running' ? [] : [message]),
    ...(leftover === undefined
      ? []
      : [
          `The machine ${leftover.name} in ${leftover.zone} could not be proven gone: ${leftover.why}. Compute Engine deletes it at its deadline; look at ${leftover.link}`,
        ]),
  ]
  return parts.length === 0 ? undefined : parts.join('\n')
}

function writeLines(outcome: Outcome): readonly string[] {
  const { machine, code, inputs, outputs, phases } = outcome
  const where = machine.zone === undefined ? '' : ` in ${machine.zone}`
  return [
    `${titleOf(outcome)}${explainFinding(outcome)}`,
    `  run      ${outcome.run}, attempt ${outcome.attempt}, key ${outcome.key}`,
    ...outcome.earlier.map((each) => `  before   ${describeEarlier(each)}`),
    ...(machine.soldOut.length === 0 ? [] : [`  before   ${describeSoldOut(machine.soldOut)}`]),
    `  machine  ${nameChoice(machine)}${where}, image ${machine.image}`,
    ...drawTasks(outcome),
    ...(outcome.state === 'running' && outcome.message !== '' ? [`  now      ${outcome.message}`] : []),
    ...(code === undefined
      ? []
      : [`  code     ${code.name}@${code.tag}, commit ${code.commit.slice(0, 12)}`]),
    ...outcome.secrets.map((version) => `  secret   ${version}`),
    ...(outcome.checkpoint?.restored === undefined ? [] : [`  from     ${outcome.checkpoint.restored}`]),
    ...inputs.map((input) => `  input    ${input.to}: ${describeInput(input)}`),
    ...drawPhases(phases).map((line) => `  ${line}`),
    ...outputs.map(
      ({ name, files, bytes, uri }) =>
        `  output   ${name}: ${files === 0 ? '' : `${countFiles(files)}, ${formatBytes(bytes)}, `}${uri}`,
    ),
    ...(outcome.price === undefined ? [] : [`  price    ${explainPrice(outcome.price)}`]),
    ...(outcome.machineGone === undefined
      ? []
      : [
          `  machine gone, verified ${outcome.machineGone.slice(11, 19)} UTC (${machine.name} and ${outcome.tasks ? 'its machines' : 'its disk'})`,
        ]),
  ]
}

/** How it came that nothing was run. */
function explainFinding({ followed, reused }: Outcome): string {
  if (reused) return ' (with the same inputs it has succeeded before; nothing was run)'
  return followed ? ' (found under its key; nothing was run again)' : ''
}

function titleOf({ state, batch, exitCode, phases }: Outcome): string {
  const mark = state === 'succeeded' ? '✔' : state === 'running' ? '▶' : '✘'
  const took = phases.length === 0 ? '' : ` in ${formatDuration(sumPhases(phases))}`
  const code = state === 'succeeded' || state === 'running' ? '' : `, exit code ${exitCode}`
  return `${mark} ${batch} ${state}${took}${code}`
}

function writeCard(outcome: Outcome): Card {
  const facts = listFacts(outcome).map(([label, fact]) => [label, fact.replaceAll('`', '')] as const)
  const outputs = outcome.outputs.map(({ name, uri }) => [`Output ${name}`, uri] as const)
  return { title: titleOf(outcome), facts: [...facts, ...outputs] }
}

/** In Markdown. */
function listFacts(outcome: Outcome): readonly Fact[] {
  const { machine, code, inputs } = outcome
  return [
    ['Run', `\`${outcome.run}\`, attempt ${outcome.attempt}${explainFinding(outcome)}`],
    [
      'Machine',
      `${nameChoice(machine)}${machine.zone === undefined ? '' : ` in ${machine.zone}`}, image \`${machine.image}\` (${machine.imageId})`,
    ],
    ...(outcome.tasks
      ? [['Tasks', `${outcome.tasks.count}: ${describeClasses(outcome.tasks)}`] as const]
      : []),
    ...(machine.soldOut.length === 0 ? [] : [['Sold out', describeSoldOut(machine.soldOut)] as const]),
    ...outcome.earlier.map((each) => ['Before', describeEarlier(each)] as const),
    ...(code === undefined
      ? []
      : [['Code', `${code.name}@${code.tag}, \`${code.commit}\`, \`${code.digest}\``] as [string, string]]),
    ...(outcome.checkpoint?.restored === undefined
      ? []
      : [['Went on from', `\`${outcome.checkpoint.restored}\``] as const]),
    ...inputs.map((input) => [`Input \`${input.to}\``, describeInput(input)] as const),
    ...(outcome.price === undefined ? [] : [['Price', explainPrice(outcome.price)] as const]),
    ...(outcome.machineGone === undefined
      ? []
      : [['Machine gone', `verified ${outcome.machineGone}`] as [string, string]]),
  ]
}

function writeSummary(outcome: Outcome): string {
  const { outputs, phases, steps } = outcome
  const failure = explainFailure(outcome)
  return [
    `### ${titleOf(outcome)}`,
    ...(failure === undefined ? [] : [quote(failure)]),
    writeTable(['', ''], listFacts(outcome)),
    ...(steps.length === 0
      ? []
      : [
          writeTable(
            ['Step', 'State', 'Exit code', 'Time', 'Container'],
            steps.map((step) => [
              step.name,
              step.state,
              String(step.exitCode ?? ''),
              formatDuration(step.seconds),
              step.containerDigest ?? step.container ?? '',
            ]),
          ),
        ]),
    ...tabulateTasks(outcome),
    ...(phases.length === 0 ? [] : [drawGantt(phases)]),
    ...(outputs.length === 0
      ? []
      : [
          writeTable(
            ['Output', 'Files', 'Size', 'Where'],
            outputs.map(({ name, files, bytes, uri }) => [
              name,
              String(files),
              formatBytes(bytes),
              `\`${uri}\``,
            ]),
          ),
        ]),
    '',
  ].join('\n\n')
}

function describeInput({ files, bytes, uri, generation, run }: Outcome['inputs'][number]): string {
  const exact = generation === undefined ? uri : `${uri}#${generation}`
  const origin = run === undefined ? '' : `, of ${run}`
  return `${countFiles(files)}, ${formatBytes(bytes)}, ${exact}${origin}`
}

function describeEarlier({ attempt, state, zone, message }: Outcome['earlier'][number]): string {
  return `attempt ${attempt}, ${state}${zone === undefined ? '' : ` in ${zone}`}: ${message.split('\n')[0]}`
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
}
