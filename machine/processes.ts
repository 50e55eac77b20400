import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPipe } from './pipe.ts'

export interface Command {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Where the pipe has its name for a moment. */
  readonly tmp: string
  /** Ends the process and all that it started. */
  readonly signal: AbortSignal
  /** Standard output and error, in the order in which they came. The process waits while this promise does. */
  readonly onOutput: (bytes: Uint8Array) => Promise<void>
  /** When it is stopped: called before SIGKILL. */
  readonly onKill?: () => Promise<void>
}

export interface Ending {
  /** As a shell tells it: 128 + n when signal n ended the process. */
  readonly exitCode: number
  /** `SIGKILL`, when a signal ended it. */
  readonly signal?: NodeJS.Signals
  /** It did not end by itself. */
  readonly stopped: boolean
}

/** Between SIGTERM and SIGKILL. */
const termMs = 5000

/** How long a pipe that something still holds open may be silent after the process is gone. */
const silenceMs = 2000

/**
 * Runs a program in a process group of its own, of which nothing is left when it ends: neither when it is stopped nor
 * when it leaves children behind. Throws when it cannot be started.
 */
export async function runProcess(command: Command): Promise<Ending> {
  const { argv, cwd, env, tmp, signal } = command
  const pipe = await openPipe(join(tmp, `pipe-${randomUUID()}`))
  const [program = '', ...args] = argv
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', pipe.write, pipe.write] })
  pipe.closeWrite()
  const reader = readAll(pipe.read, command.onOutput)
  try {
    return await endGroup(child, waitForExit(child), signal, command.onKill)
  } finally {
    await reader.finish()
  }
}

async function endGroup(
  child: ChildProcess,
  exit: Promise<Omit<Ending, 'stopped'>>,
  signal: AbortSignal,
  onKill: Command['onKill'],
): Promise<Ending> {
  using stop = onAbort(signal)
  let stopped = false
  try {
    stopped = await Promise.race([exit.then(() => false), stop.aborted.then(() => true)])
    if (stopped) {
      signalGroup(child, 'SIGTERM')
      await waitForGroup(child)
      await onKill?.()
    }
  } finally {
    signalGroup(child, 'SIGKILL')
  }
  return { ...(await exit), stopped }
}

/** Its first process may end at once and leave one that is still putting its things in order. */
async function waitForGroup(child: ChildProcess): Promise<void> {
  const end = performance.now() + termMs
  while (signalGroup(child, 0) && performance.now() < end) await sleep(50)
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal)
  } catch {
    return false
  }
}

function onAbort(signal: AbortSignal): { readonly aborted: Promise<void> } & Disposable {
  let listener = () => {}
  const aborted = new Promise<void>((resolve) => {
    listener = resolve
    if (signal.aborted) resolve()
    signal.addEventListener('abort', listener)
  })
  return { aborted, [Symbol.dispose]: () => signal.removeEventListener('abort', listener) }
}

function waitForExit(child: ChildProcess): Promise<Omit<Ending, 'stopped'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      resolve(
        signal === null ? { exitCode: code ?? 0 } : { exitCode: 128 + constants.signals[signal], signal },
      ),
    )
  })
}

/** Passes on what comes until the pipe ends; `finish` waits for that, but not for a stranger that keeps it open. */
function readAll(source: Socket, onOutput: Command['onOutput']): { finish(): Promise<void> } {
  let waitsSince: number | undefined = performance.now()
  let abandoned = false
  const read = async () => {
    for await (const bytes of source as AsyncIterable<Uint8Array>) {
      waitsSince = undefined
      await onOutput(bytes)
      waitsSince = performance.now()
    }
  }
  const done = read().catch((error) => {
    if (!abandoned) throw error
  })
  // It is `finish` that tells of a failure.
  done.catch(() => undefined)
  return {
    async finish() {
      const gone = performance.now()
      const timer = setInterval(() => {
        if (waitsSince === undefined || performance.now() - Math.max(gone, waitsSince) < silenceMs) return
        abandoned = true
        source.destroy()
      }, 100)
      await done.finally(() => clearInterval(timer))
    },
  }
}
