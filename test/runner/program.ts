import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** How a program ended: its code, or 128 + n when signal n ended it. */
interface Ending {
  readonly exitCode: number
  readonly signal?: NodeJS.Signals
}

export interface RunningProgram {
  readonly ended: Promise<Ending>
  /** Signals this one process, as CI systems do, not its children. */
  signal(name: NodeJS.Signals): void
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly onText: (text: string) => void
}

/** A child that keeps standard output open after the program's end is waited for no longer than this. */
const heldOutputMs = 5000

/** Starts a script with the Node that runs this. */
export function startProgram(script: string, { env, cwd, onText }: ProgramOptions): RunningProgram {
  const child = spawn(process.execPath, [script], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onText)
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      const ending = {
        exitCode: code ?? 128 + constants.signals[signal ?? 'SIGKILL'],
        ...(signal && { signal }),
      }
      const giveUp = setTimeout(() => resolve(ending), heldOutputMs)
      child.on('close', () => {
        clearTimeout(giveUp)
        resolve(ending)
      })
    })
  })
  return { ended, signal: (name) => void child.kill(name) }
}

/** Sends signals, each when the program has outlived the patience with the one before. */
export async function insist(
  program: RunningProgram,
  steps: readonly (readonly [signal: NodeJS.Signals, patienceMs: number])[],
): Promise<void> {
  for (const [signal, patienceMs] of steps) {
    program.signal(signal)
    let timer: NodeJS.Timeout | undefined
    const impatience = new Promise<'alive'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'alive')
    })
    const outcome = await Promise.race([program.ended, impatience])
    clearTimeout(timer)
    if (outcome !== 'alive') return
  }
  program.signal('SIGKILL')
}
