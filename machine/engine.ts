import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { promisify } from 'node:util'
import type { Clock } from '../core/world.ts'

/** Docker, or what speaks like it. */
export interface Engine {
  /** The command line in front of `run` and `pull`. */
  readonly argv: readonly string[]
  /** Further flags of `run`. */
  readonly flags: readonly string[]
}

/** A local machine is told by its driver what the host has; a real one has none of these variables. */
export function listEngines(env: NodeJS.ProcessEnv): readonly Engine[] {
  const flags = splitWords(env.MAYFLY_CONTAINER_FLAGS)
  const told = splitWords(env.MAYFLY_CONTAINER_ENGINE)
  const commands = told.length > 0 ? [told] : [['docker'], ['podman']]
  return commands.map((argv) => ({ argv, flags }))
}

function splitWords(text = ''): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}

/** Docker's daemon may still be starting when the startup script runs. */
const patienceMs = 60_000

/** The first engine that answers, or undefined. */
export async function findEngine(
  engines: readonly Engine[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Engine | undefined> {
  const end = clock.now() + patienceMs
  for (;;) {
    let present = false
    for (const engine of engines) {
      const answer = await askEngine(engine, signal)
      if (answer === 'ready') return engine
      present ||= answer === 'silent'
    }
    if (!present || clock.now() >= end || signal.aborted) return undefined
    await clock.sleep(2000, signal)
  }
}

async function askEngine(engine: Engine, signal: AbortSignal): Promise<'ready' | 'silent' | 'absent'> {
  try {
    await callEngine(engine, ['version'], { signal, timeoutMs: 20_000 })
    return 'ready'
  } catch (error) {
    return error instanceof Error && isMissing(error.cause) ? 'absent' : 'silent'
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}

/** What an engine's client needs to find its daemon, its runtime and its credentials. */
export function engineEnvironment(): Readonly<Record<string, string>> {
  return { HOME: homedir(), ...(process.env as Record<string, string>) }
}

interface CallOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs: number
  /** For standard input. */
  readonly input?: string
}

/** Runs one of the engine's commands and gives its standard output. The error is what the engine said last. */
export async function callEngine(
  { argv }: Engine,
  args: readonly string[],
  { signal, timeoutMs, input }: CallOptions,
): Promise<string> {
  const [program = '', ...rest] = argv
  const call = promisify(execFile)(program, [...rest, ...args], {
    env: engineEnvironment(),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 ** 2,
    ...(signal && { signal }),
  })
  call.child.stdin?.on('error', () => undefined)
  call.child.stdin?.end(input)
  try {
    return (await call).stdout
  } catch (cause) {
    throw new Error(explain(cause as ExecError, timeoutMs), { cause })
  }
}

interface ExecError extends Error {
  readonly stderr?: string
  readonly killed?: boolean
}

function explain({ stderr = '', killed, message }: ExecError, timeoutMs: number): string {
  const said = stderr.trim().split('\n').slice(-3).join(' ').slice(-500)
  if (killed) return `no end after ${timeoutMs / 1000} s. ${said}`.trim()
  return said || message
}
