import { join } from 'node:path'
import type { PlannedStep } from '../core/protocol/records.ts'
import { type Containers, openContainer } from './containers.ts'
import { baseEnvironment, listVariables } from './environment.ts'
import type { Job } from './job.ts'
import { chooseShell, nameScript } from './scripts.ts'
import { containerSecrets, placeSecrets, type StepSecrets } from './secrets.ts'

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
export async function prepareLaunch(
  job: Job,
  index: number,
  step: PlannedStep,
  containers: Containers | undefined,
): Promise<Launch> {
  const { run, self, places } = job
  const secrets = await placeSecrets(job, index, step)
  const list = (folder: string) =>
    listVariables(run, self.attempt, step, { ...secrets.values, ...locate(secrets, folder) })
  if (containers !== undefined && step.container !== undefined) {
    const script = step.run === undefined ? undefined : nameScript(index)
    return openContainer(containers.engine, step.container, script, list(containerSecrets), places, secrets)
  }
  const base = baseEnvironment(places.tmp)
  return {
    argv: [...chooseShell(base.PATH), join(places.steps, nameScript(index))],
    env: { ...base, ...list(secrets.folder) },
    kill: async () => undefined,
    examine: async () => ({ outOfMemory: false }),
    [Symbol.asyncDispose]: () => secrets[Symbol.asyncDispose](),
  }
}

function locate({ files }: StepSecrets, folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map((variable) => [variable, join(folder, variable)]))
}
