import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../../core/errors.ts'
import { isGroupAlive, signalGroup } from './group.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface GroupOptions {
  readonly onText: (text: string) => void
  readonly signal: AbortSignal
  /** How long the group may take to clean up after SIGTERM. */
  readonly graceSeconds: number
  /** Kills the group at once when it aborts. */
  readonly hopeless?: AbortSignal
}

/**
 * Runs a program in a process group of its own and returns when nothing of the group is left. An abort is one SIGTERM
 * to the whole group: Packer ignores SIGINT at its own pid and goes on to publish the image, and SIGTERM at its own pid
 * alone leaves Ansible running. What is still there when the grace is over is killed. Rejects with the abort's reason.
 */
export async function runGroup(command: Command, options: GroupOptions): Promise<Ending> {
  const { signal } = options
  signal.throwIfAborted()
  const child = spawn(command.program, command.args, {
    cwd: command.directory,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', options.onText)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const closed = once(child, 'close')
  closed.catch(() => undefined)
  let grace: NodeJS.Timeout | undefined
  const cancel = () => {
    signalGroup(child.pid, 'SIGTERM')
    grace = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), options.graceSeconds * 1000)
  }
  const kill = () => void signalGroup(child.pid, 'SIGKILL')
  signal.addEventListener('abort', cancel, { once: true })
  options.hopeless?.addEventListener('abort', kill, { once: true })
  try {
    const [code, ending] = await exited
    // Whoever of the group outlives its leader during a cancel still has its grace; else its work is over.
    while (signal.aborted && isGroupAlive(child.pid)) await sleep(50)
    signalGroup(child.pid, 'SIGKILL')
    // SSH's shared connection leaves the group, and holds our pipes until it ends by itself.
    await Promise.race([closed, sleep(500, undefined, { ref: false })])
    signal.throwIfAborted()
    options.hopeless?.throwIfAborted()
    return { code, signal: ending }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw missing(command.program, error)
  } finally {
    clearTimeout(grace)
    signal.removeEventListener('abort', cancel)
    options.hopeless?.removeEventListener('abort', kill)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** What a short command printed, both streams together. */
export async function ask(command: Command, signal?: AbortSignal): Promise<Ending & { text: string }> {
  let text = ''
  const ending = await runGroup(command, {
    onText: (more) => {
      text += more
    },
    signal: signal ?? new AbortController().signal,
    graceSeconds: 10,
  })
  return { ...ending, text }
}

function missing(program: string, cause: unknown): InputError {
  return new InputError([{ where: program, message: 'the program was not found on the PATH.' }], { cause })
}
