import { randomUUID } from 'node:crypto'
import { callEngine, type Engine, engineEnvironment } from './engine.ts'
import type { Launch, LaunchEnd } from './launch.ts'
import type { Places } from './places.ts'
import { containerSecrets, type StepSecrets } from './secrets.ts'

/** What steps in containers need, made ready before the first step. */
export interface Containers {
  readonly engine: Engine
  /** `sha256:…`, by image as the plan writes it. */
  readonly digests: ReadonlyMap<string, string>
}

/**
 * Values under these names would steer the engine's client if they stood in its own environment, as all others do.
 * They are handed over as arguments; `PATH` is no secret.
 */
const steering = /^(PATH|HOME|TMPDIR|LD_.*|DOCKER_.*|CONTAINERS?_.*|XDG_.*)$/

/** A container with the work directory in it, that runs a script of the steps' or, without one, its own command. */
export function openContainer(
  engine: Engine,
  image: string,
  script: string | undefined,
  variables: Readonly<Record<string, string>>,
  { work, steps }: Places,
  secrets: StepSecrets,
): Launch {
  const name = `mayfly-${randomUUID()}`
  const names = Object.keys(variables)
  const inherited = names.filter((key) => !steering.test(key))
  const mounts = ['--volume', `${work}:/work`, '--workdir', '/work', '--volume', `${steps}:/mayfly:ro`]
  if (secrets.files.length > 0) mounts.push('--volume', `${secrets.folder}:${containerSecrets}:ro`)
  const values = names.flatMap((key) => ['--env', steering.test(key) ? `${key}=${variables[key]}` : key])
  const command = script === undefined ? [image] : ['--entrypoint', 'sh', image, '-e', `/mayfly/${script}`]
  // One that is not there is no error.
  const end = async (...command: readonly string[]) => {
    await callEngine(engine, [...command, name], { timeoutMs: 60_000 }).catch(() => undefined)
  }
  return {
    // Not --rm: what is left of a container that failed tells whether it has begun at all.
    argv: [...engine.argv, 'run', '--name', name, ...engine.flags, ...mounts, ...values, ...command],
    env: {
      ...engineEnvironment(),
      ...Object.fromEntries(inherited.map((key) => [key, variables[key] as string])),
    },
    // Removing alone would give it another ten seconds, with podman.
    kill: () => end('kill'),
    examine: (exitCode) => examine(engine, name, exitCode),
    async [Symbol.asyncDispose]() {
      await end('rm', '--force', '--volumes')
      await secrets[Symbol.asyncDispose]()
    },
  }
}

interface State {
  readonly StartedAt?: string
  readonly Error?: string
  readonly OOMKilled?: boolean
}

/**
 * Exit codes 125 to 127 mean trouble of `run` itself as well as a command that the script did not find
 * (https://docs.docker.com/engine/containers/run/#exit-status): a container that never started tells them apart.
 */
async function examine(engine: Engine, name: string, exitCode: number): Promise<LaunchEnd> {
  const doubtful = exitCode >= 125 && exitCode <= 127
  if (!doubtful && exitCode !== 137) return { outOfMemory: false }
  const state = await inspect(engine, name)
  const outOfMemory = state?.OOMKilled === true
  if (!doubtful || (state && !state.StartedAt?.startsWith('0001-'))) return { outOfMemory }
  return { outOfMemory, notStarted: state?.Error || 'its own words are at the end of the log.' }
}

async function inspect(engine: Engine, name: string): Promise<State | undefined> {
  try {
    const text = await callEngine(engine, ['container', 'inspect', name], { timeoutMs: 30_000 })
    const [{ State }] = JSON.parse(text) as [{ readonly State: State }]
    return State
  } catch {
    return undefined
  }
}
