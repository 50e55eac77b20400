import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const root = join(import.meta.dirname, '../..')

export interface Ending {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Starts the command line, as users have it. */
export function startMayfly(argv: readonly string[], cwd: string) {
  const { MAYFLY_LOCAL_STATE: _, ...env } = process.env
  return spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...argv], {
    cwd,
    env,
    // In a session of its own, as behind a terminal of its own.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What Ctrl-C does: the signal goes to every process of the terminal. */
export function pressCtrlC({ pid = 0 }: ChildProcess): void {
  process.kill(-pid, 'SIGINT')
}

/** Runs the command line to its end. */
export async function runMayfly(argv: readonly string[], cwd: string = root): Promise<Ending> {
  const child = startMayfly(argv, cwd)
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, exitCode }
}

/** Starts the local cloud's own program. */
export function startCloud(stateDir: string, ...flags: readonly string[]) {
  const main = join(root, 'dist/emulator/main.js')
  return spawn(process.execPath, [main, 'serve', '--state', stateDir, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

export async function readLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as Readable })) return line
  throw new Error('The program ended without a line.')
}

/** A folder for one test; a local cloud that runs in it is stopped with it. */
export function openFolder() {
  const path = mkdtempSync(join(tmpdir(), 'mayfly-cli-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      await runMayfly(['local', 'down', '--state', join(path, '.mayfly')])
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
