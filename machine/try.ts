import type { PlannedStep, StepResult } from '../core/protocol/records.ts'
import type { Containers } from './containers.ts'
import { startTimer } from './deadline.ts'
import { isFull } from './disk.ts'
import type { Job } from './job.ts'
import { type Launch, prepareLaunch } from './launch.ts'
import { OutputText } from './logs.ts'
import { countOomKills } from './memory.ts'
import { type Ending, runProcess } from './processes.ts'
import { containerFailed, stepFailed, stepTimedOut, type Verdict } from './verdicts.ts'

/** How one try of a step ended. */
export interface TryEnd {
  readonly state: StepResult['state']
  readonly ending: Ending
  /** Undefined when the step succeeded, or was stopped with the whole run. */
  readonly verdict?: Verdict
  /** The failure is the step's own: another try may go better. */
  readonly again?: boolean
}

/** Runs a step once. */
export async function tryStep(
  job: Job,
  index: number,
  step: PlannedStep,
  tries: number,
  containers: Containers | undefined,
): Promise<TryEnd> {
  const limit = new AbortController()
  using _ = step.timeoutSeconds ? startTimer(step.timeoutSeconds * 1000, () => limit.abort()) : undefined
  await using launch = await prepareLaunch(job, index, step, containers)
  const killsBefore = await countOomKills()
  const { ending, noSpace } = await run(job, launch, AbortSignal.any([limit.signal, job.deadline.stop]))

  if (ending.exitCode === 0 && !ending.stopped) return { state: 'succeeded', ending }
  // A machine that is shut down tells all its processes at once: the step may hear of it before the agent does.
  await job.clock.sleep(250, job.deadline.stop)
  if (job.deadline.reason !== undefined)
    return { state: job.deadline.reason === 'deadline' ? 'timed-out' : 'failed', ending }
  if (ending.stopped) return { state: 'timed-out', ending, verdict: stepTimedOut(step), again: true }

  const { notStarted, outOfMemory } = await launch.examine(ending.exitCode)
  if (notStarted !== undefined && containers)
    return { state: 'failed', ending, verdict: containerFailed(step, containers.engine, notStarted) }
  const verdict = stepFailed(step, {
    exitCode: ending.exitCode,
    tries,
    outOfMemory: outOfMemory || (await countOomKills()) > killsBefore,
    diskFull: noSpace || (await isFull(job.places.work)),
  })
  return { state: 'failed', ending, verdict, again: true }
}

/** Also tells whether the output speaks of a full disk: a program that fails for it may clean up behind itself. */
async function run(
  { places, log }: Job,
  launch: Launch,
  signal: AbortSignal,
): Promise<{ readonly ending: Ending; readonly noSpace: boolean }> {
  let noSpace = false
  const output = new OutputText(log, (text) => {
    noSpace ||= text.includes('No space left on device')
  })
  const ending = await runProcess({
    argv: launch.argv,
    env: launch.env,
    cwd: places.work,
    tmp: places.tmp,
    signal,
    onOutput: (bytes) => output.push(bytes),
    onKill: () => launch.kill(),
  }).finally(() => output.end())
  return { ending, noSpace }
}
