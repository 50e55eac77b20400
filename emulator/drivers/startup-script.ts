import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { readLines } from './lines.ts'

/** Google's runner reads the output with a scanner that gives up at this length (guest-agent#149, #215). */
const longestLine = 64 * 1024

/** The number under which every process of a machine inherits the file that marks it. */
const markNumber = 9

export interface StartupScript {
  readonly text: string
  /** Where it is written and runs. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** A file that all its processes hold open. */
  readonly markFile: string
  /** A path that is free for a moment. */
  readonly pipeFile: string
  readonly log: (line: string) => void
}

/** A startup script that runs. */
export interface RunningScript {
  readonly pid: number
  /** Resolves when the script is over and said so on the log. What it left running may go on. */
  readonly ended: Promise<void>
}

/**
 * Runs a startup script as Google's guest agent does: its lines go to the log, as does the exit status, and a line that
 * is too long ends the reading, so that the next write kills the script.
 */
export function runStartupScript(script: StartupScript): RunningScript {
  const { directory, environment, markFile, log } = script
  const path = join(directory, 'startup-script')
  writeFileSync(path, script.text, { mode: 0o700 })
  const output = openPipe(script.pipeFile)
  const mark = openSync(markFile, 'r')
  // `exec` gives a script without a #! line to the shell itself, as the guest agent's `bash -c` does.
  const child = spawn(existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh', ['-c', 'exec "$0"', path], {
    cwd: directory,
    env: environment,
    // A session of its own. Both streams on one pipe, so that their lines keep their order.
    detached: true,
    stdio: ['ignore', output.write, output.write, ...Array<'ignore'>(markNumber - 3).fill('ignore'), mark],
  })
  closeSync(output.write)
  closeSync(mark)
  const exit = waitForExit(child)
  const lines = readLines(output.read, longestLine, (line) => log(`startup-script: ${line}`))
  return { pid: child.pid ?? 0, ended: reportEnd(lines, exit, log) }
}

async function reportEnd(
  lines: Promise<'end' | 'too long'>,
  exit: Promise<string>,
  log: (line: string) => void,
) {
  log(
    (await lines) === 'end' ? `startup-script ${await exit}` : 'startup-script bufio.Scanner: token too long',
  )
  log('Finished running startup scripts.')
}

/** A pipe of the system's. Node's own are sockets, which a script cannot open again as /dev/stderr. */
function openPipe(path: string): { readonly read: Socket; readonly write: number } {
  execFileSync('mkfifo', ['-m', '600', path])
  try {
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return { read: new Socket({ fd: read, readable: true, writable: false }), write: openSync(path, 'w') }
  } finally {
    rmSync(path)
  }
}

/** In the words of Go, in which the guest agent is written. */
function waitForExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, name) => {
      resolve(
        code === null
          ? `signal: ${name === 'SIGKILL' ? 'killed' : name === 'SIGTERM' ? 'terminated' : name}`
          : `exit status ${code}`,
      )
    })
  })
}
