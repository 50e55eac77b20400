import { join } from 'node:path'
import type { PlannedStep } from '../core/protocol/records.ts'
import { type Containers, openContainer } from './containers.ts'
import { baseEnvironment, listVariables } from './environment.ts'
import type { Job } from './job.ts'
import { chooseShell, nameScript } from './scripts.ts'

/** One try of a step, about to run. Disposing removes what it leaves. */
export interface Launch extends AsyncDisposable {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Ends what a signal to the process group does not reach. */
  kill(): Promise<void>
  /** What is known of an end with this exit code. */
  examine(exitCode: number): Promise<LaunchEnd>
}

export interface LaunchEnd {
  /** Why the step never began, when that was not its own doing. */
  readonly notStarted?: string
  readonly outOfMemory: boolean
}

/** Prepares a step: its script by the machine's own shell, or its container. */
export function prepareLaunch(
  job: Job,
  index: number,
  step: PlannedStep,
  containers: Containers | undefined,
): Launch {
  const variables = listVariables(job.run, job.self.attempt, step)
  const { places } = job
  if (containers !== undefined && step.container !== undefined) {
    const script = step.run === undefined ? undefined : nameScript(index)
    return openContainer(containers.engine, step.container, script, variables, places)
  }
  const base = baseEnvironment(places.tmp)
  return {
    argv: [...chooseShell(base.PATH), join(places.steps, nameScript(index))],
    env: { ...base, ...variables },
    kill: async () => undefined,
    examine: async () => ({ outOfMemory: false }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
