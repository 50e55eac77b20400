import { constants } from 'node:os'
import { exitCodes, MayflyError } from '../core/errors.ts'
import type { PlannedOutput, PlannedStep, ResultRecord, RunRecord } from '../core/protocol/records.ts'
import { formatDuration } from '../core/units.ts'
import type { AbandonReason, StopReason } from './deadline.ts'
import type { Engine } from './engine.ts'

// Every sentence that a machine says about the end of a run.

/** How an attempt ended, before the facts are added. */
export type Verdict = Pick<ResultRecord, 'state' | 'exitCode' | 'message'> &
  Partial<Pick<ResultRecord, 'reason' | 'step'>>

/** Ends the work with a verdict of its own. */
export class WorkError extends MayflyError {
  override readonly name = 'WorkError'
  readonly verdict: Verdict

  constructor(verdict: Verdict, options?: ErrorOptions) {
    super(verdict.message, verdict.exitCode, options)
    this.verdict = verdict
  }
}

export function succeeded({ steps }: RunRecord): Verdict {
  const message = steps.length === 1 ? 'The step succeeded.' : `All ${steps.length} steps succeeded.`
  return { state: 'succeeded', exitCode: exitCodes.success, message }
}

/** What is known of a step that failed by itself. */
export interface StepFailure {
  readonly exitCode: number
  readonly tries: number
  /** The kernel has killed a process for want of memory. */
  readonly outOfMemory: boolean
  readonly diskFull: boolean
}

export function stepFailed({ name }: PlannedStep, failure: StepFailure): Verdict {
  const { exitCode, tries } = failure
  const how = [
    `with exit code ${exitCode}`,
    nameSignal(exitCode),
    tries > 1 ? `in the last of ${tries} tries` : '',
  ]
  const message = [`Step "${name}" failed ${how.filter(Boolean).join(' ')}.`, adviseOnStep(failure)].join(' ')
  return { state: 'failed', reason: 'user', exitCode, message, step: name }
}

/** A shell tells of a signal by 128 + n, for itself and for its children. */
function nameSignal(exitCode: number): string {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? []
  return name === undefined ? '' : `(${name})`
}

function adviseOnStep({ exitCode, outOfMemory, diskFull }: StepFailure): string {
  if (diskFull) return 'The disk is full: ask for more with machine.disk, or write less.'
  if (outOfMemory) return 'The machine ran out of memory: ask for more with machine.memory, or use less.'
  if (exitCode === 137)
    return 'It was killed; for want of memory, most often: look at the end of its output, and at machine.memory.'
  return 'The end of its output says why.'
}

export function stepTimedOut({ name, timeoutSeconds = 0 }: PlannedStep): Verdict {
  return {
    state: 'timed-out',
    exitCode: exitCodes.timedOut,
    message: `Step "${name}" did not end within its timeout of ${formatDuration(timeoutSeconds)} and was stopped. Give it more time, or look in its output for what it was waiting for.`,
    step: name,
  }
}

/** A container that could not begin is no failure of what is in it. */
export function containerFailed({ name, container }: PlannedStep, { argv }: Engine, why: string): Verdict {
  return {
    state: 'failed',
    reason: 'unknown',
    exitCode: exitCodes.unknown,
    message: `Step "${name}" did not begin: ${argv[0]} could not start its container ${container}: ${why}`,
    step: name,
  }
}

export function noEngine({ name }: PlannedStep, engines: readonly Engine[]): Verdict {
  const asked = engines.map(({ argv }) => argv[0])
  return {
    state: 'failed',
    reason: 'bad-input',
    exitCode: exitCodes.badInput,
    message: `Step "${name}" wants a container, but on this machine ${asked.join(' and ')} ${asked.length === 1 ? 'does' : 'do'} not answer. Use an image with a container engine, or a step without a container.`,
    step: name,
  }
}

export function pullFailed(image: string, why: string): Verdict {
  return {
    state: 'failed',
    reason: 'image-pull',
    exitCode: exitCodes.imagePull,
    message: `The container image ${image} could not be pulled: ${why} Check its name, and that the machine's service account may read it (roles/artifactregistry.reader). No step has begun.`,
  }
}

type Code = NonNullable<RunRecord['code']>

export function codeMissing(code: Code, bucket: string): Verdict {
  return failed(
    `The code ${code.name}@${code.tag} is not in the depot (gs://${bucket}/${code.object}). Upload it again with upload-code.`,
  )
}

export function codeDiffers(code: Code, found: string): Verdict {
  return failed(
    `The code ${code.name}@${code.tag} is not what was planned: expected ${code.digest}, got ${found}. Nothing was run; the object ${code.object} has been damaged or replaced.`,
  )
}

export function codeBroken(code: Code, why: string): Verdict {
  return failed(`The code ${code.name}@${code.tag} could not be unpacked: ${why}`)
}

/** Nothing that the batch file could mend. */
export function failed(message: string): Verdict {
  return { state: 'failed', reason: 'unknown', exitCode: exitCodes.unknown, message }
}

/** A checkpoint that exists and cannot be had: to begin from nothing would throw its work away. */
export function checkpointUnreadable(manifest: string, why: string): Verdict {
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: `The checkpoint ${manifest} could not be read: ${why} No step has begun.`,
  }
}

/** Outputs that are not there, or that cannot be stored: never a success. */
export function outputsFailed(problems: readonly string[]): Verdict {
  return {
    state: 'failed',
    reason: 'outputs',
    exitCode: exitCodes.outputs,
    message: problems.join('\n'),
  }
}

/** The network, or a right that is missing. */
export function outputNotStored({ where, path }: PlannedOutput, why: string): string {
  return `${where}: the output ${path} could not be stored: ${why}`
}

export function outputMissing({ where, path }: PlannedOutput, why: string, holds: string): string {
  return `${where}: the output ${path} ${why}. ${holds}`
}

const abandonments: Record<AbandonReason, string> = {
  preempted: 'taken back by Google, deleted or shut down',
  sealed: 'given up by its controller',
  crashed: 'given up by its own agent',
}

export function stopped(reason: StopReason, run: RunRecord, during: string): Verdict {
  if (reason === 'deadline')
    return {
      state: 'timed-out',
      exitCode: exitCodes.timedOut,
      message: `The run did not end within its timeout of ${formatDuration(run.timeoutSeconds)}: it was stopped in ${during}, early enough to store its log and outputs. Give it more time, or a larger machine.`,
    }
  return {
    state: 'preempted',
    exitCode: exitCodes.preempted,
    message: `The machine was ${abandonments[reason]} in ${during}.`,
  }
}

export function rebooted(): Verdict {
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: 'The machine was rebooted in the middle of its work. Nothing was run again.',
  }
}

/** The agent's own failure, or one that nobody foresaw. */
export function crashed(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error)
  return {
    state: 'failed',
    reason: 'unknown',
    exitCode: exitCodes.unknown,
    message: `The agent failed: ${message}`,
  }
}

/** Said in addition, when the agent itself has met a disk without space. */
export const diskFullAdvice = 'The disk of the machine is full: ask for more with machine.disk.'
