import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { openSight, type Sight } from '../runner/sight.ts'

// Containers without a kernel's newer abilities: it works inside of containers and small virtual machines too.
const runtime = ['--runtime', 'runc']
const limits = ['--network=host', '--ulimit=nofile=1024:1024', '--ulimit=nproc=1024:1024']

const run = promisify(execFile)

export interface PluginStep {
  readonly image: string
  /** The workspace, on the host. */
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
}

interface PluginEnding {
  readonly exitCode: number
  readonly log: string
}

export interface PluginContainer {
  readonly sees: Sight['sees']
  /** Asks with SIGTERM, and kills after as many seconds. */
  stop(patienceSeconds: number): Promise<void>
  readonly ended: Promise<PluginEnding>
}

/** Calls podman; gives what it printed. */
export function podman(...args: readonly string[]): string {
  return execFileSync('podman', [...runtime, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What a program of an image's prints. */
export function runProgram(image: string, program: string, ...args: readonly string[]): string {
  return podman('run', '--rm', ...limits, `--entrypoint=${program}`, image, ...args)
}

/** Starts a plugin's image as a runner starts a step: its own entry point, the workspace mounted and worked in. */
export function startContainer(name: string, { image, workspace, env }: PluginStep): PluginContainer {
  const variables = Object.entries(env).map(([variable, value]) => `--env=${variable}=${value}`)
  const mount = [`--volume=${workspace}:/drone/src`, '--workdir=/drone/src']
  const sight = openSight()
  const command = [...runtime, 'run', '--rm', `--name=${name}`, ...limits, ...variables, ...mount, image]
  const ended = new Promise<PluginEnding>((resolve) => {
    const child = execFile('podman', command, () => {
      sight.end()
      resolve({ exitCode: child.exitCode ?? -1, log: sight.text() })
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => sight.append(String(text)))
  })
  return {
    sees: sight.sees,
    async stop(patienceSeconds) {
      await run('podman', [...runtime, 'stop', `--time=${patienceSeconds}`, name])
    },
    ended,
  }
}
