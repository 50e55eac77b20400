import { exitCodes } from '../core/errors.ts'
import type { PlannedStep } from '../core/protocol/records.ts'
import { startWatch } from './clock.ts'
import type { Containers } from './containers.ts'
import { type Job, measure } from './job.ts'
import type { Keeper } from './keeper.ts'
import { tryStep } from './try.ts'
import type { Verdict } from './verdicts.ts'

/** Runs the steps in order and gives the verdict of the first that failed; undefined when none did or time was up. */
export async function runSteps(
  job: Job,
  containers: Containers | undefined,
  keeper: Keeper | undefined,
): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined
  for (const [index, step] of job.run.steps.entries()) {
    const due = verdict === undefined || step.if === 'always'
    if (!due || job.deadline.stop.aborted) {
      job.facts.steps.push({ name: step.name, state: 'skipped', seconds: 0, tries: 0 })
      continue
    }
    job.facts.began = true
    const failure = await measure(job.facts, `step: ${step.name}`, () =>
      runStep(job, index, step, containers),
    )
    verdict ??= failure
    await keeper?.keep()
  }
  return verdict
}

async function runStep(
  job: Job,
  index: number,
  step: PlannedStep,
  containers: Containers | undefined,
): Promise<Verdict | undefined> {
  const seconds = startWatch()
  await job.log.write({ step: step.name })
  for (let tries = 1; ; tries++) {
    const { state, ending, verdict, again } = await tryStep(job, index, step, tries, containers)
    if (verdict && again && tries <= step.retries) {
      await job.log.write({ note: `${verdict.message} Trying again (${tries} of ${step.retries}).` })
      continue
    }
    if (verdict) await job.log.write({ note: verdict.message })
    const digest = step.container === undefined ? undefined : containers?.digests.get(step.container)
    job.facts.steps.push({
      name: step.name,
      state,
      exitCode: state === 'timed-out' ? exitCodes.timedOut : ending.exitCode,
      ...(ending.signal && { signal: ending.signal }),
      seconds: seconds(),
      tries,
      ...(step.container !== undefined && { container: step.container }),
      ...(digest !== undefined && { containerDigest: digest }),
    })
    return verdict
  }
}
