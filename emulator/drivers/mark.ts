import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from './driver.ts'
import { findProcesses, identify, type ProcessId, type ProcessMark, signal } from './processes.ts'

/** How long processes have to go away after SIGKILL; only one that hangs in the kernel takes any time. */
const killMs = 30_000

type Marked = Pick<Machine, 'id' | 'directory'>

/**
 * Keeps beside a machine's directory which process it began with, in the file that all its processes hold open: an
 * emulator that did not boot the machine finds its processes by it. Gives the file's path.
 */
export function writeMark(machine: Marked, pid: number | undefined): string {
  const file = `${machine.directory}.mark`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify((pid && identify(pid)) ?? null))
  return file
}

/** The mark of a machine's processes; undefined when it was never on. */
export function readMark(machine: Marked): ProcessMark | undefined {
  try {
    const file = realpathSync(`${machine.directory}.mark`)
    const root = JSON.parse(readFileSync(file, 'utf8')) as ProcessId | null
    return { variable: `MAYFLY_MACHINE=${machine.id}`, file, ...(root && { root }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** SIGTERM for all that bears the mark; SIGKILL for what is still there after `graceMs`. */
export async function shutDown(mark: ProcessMark | undefined, graceMs: number): Promise<void> {
  if (mark && graceMs > 0) {
    const end = performance.now() + graceMs
    for (const process of findProcesses(mark)) signal(process, 'SIGTERM')
    const left = () => Math.max(0, end - performance.now())
    for (let pause = 5; left() > 0 && findProcesses(mark).length > 0; pause *= 2)
      await sleep(Math.min(pause, 100, left()))
  }
  await killAll(mark)
}

/** SIGKILL for all that bears the mark, until nothing does: what is killed may have had a child just before. */
export async function killAll(mark: ProcessMark | undefined): Promise<void> {
  if (!mark) return
  const end = performance.now() + killMs
  for (let left = findProcesses(mark); left.length > 0; left = findProcesses(mark)) {
    if (performance.now() > end) throw new Error(explain(mark, left))
    for (const process of left) signal(process, 'SIGKILL')
    await sleep(5)
  }
}

function explain({ variable }: ProcessMark, left: readonly ProcessId[]): string {
  const pids = left.map(({ pid }) => pid).join(', ')
  return `Processes of a machine (${variable}) are still there ${killMs / 1000} s after SIGKILL: ${pids}.`
}
