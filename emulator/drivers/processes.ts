import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process, told apart from a later one of the same pid by when it started. */
export interface ProcessId {
  readonly pid: number
  /** Opaque; equal only for the same process on the same boot of the host. */
  readonly started: string
}

interface ProcessEntry extends ProcessId {
  readonly parent: number
  readonly zombie: boolean
  /** What is known of its environment, variable after variable. */
  environment(): readonly string[]
  /** Paths of the files that it holds open. */
  openFiles(): readonly string[]
}

/**
 * How the processes of one machine are recognised, wherever they went: by a variable of their environment, by a file
 * that all of them inherit open, or as descendants of one that is recognised. A process would have to drop the
 * variable, close the file and lose its parent to get away.
 */
export interface ProcessMark {
  /** `NAME=value`. */
  readonly variable: string
  /** Absolute path. */
  readonly file: string
  readonly root?: ProcessId
}

/** The living processes that bear the mark. */
export function findProcesses({ variable, file, root }: ProcessMark): readonly ProcessId[] {
  const entries = listProcesses().filter((entry) => {
    return !entry.zombie && entry.pid !== process.pid && (!root || mayDescend(entry, root))
  })
  const found = new Set<ProcessEntry>()
  for (const entry of entries) {
    const marked =
      isSame(entry, root) || entry.environment().includes(variable) || entry.openFiles().includes(file)
    if (marked) found.add(entry)
  }
  // A set grows while it is walked: children, their children, and so on.
  for (const { pid } of found) {
    for (const entry of entries) if (entry.parent === pid) found.add(entry)
  }
  return [...found].map(({ pid, started }) => ({ pid, started }))
}

/** Whether this very process is still there; one that only waits to be reaped is not. */
export function isAlive(id: ProcessId): boolean {
  const entry = lookUp(id.pid)
  return isSame(entry, id) && !entry?.zombie
}

/** Undefined when there is no such process any more. */
export function identify(pid: number): ProcessId | undefined {
  const entry = lookUp(pid)
  return entry && { pid, started: entry.started }
}

/** Sends a signal, unless the process is gone; never to another one that has its pid by now. */
export function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(id)) return
  try {
    process.kill(id.pid, name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Gone, or not ours to end, as what a script runs through sudo.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

function lookUp(pid: number): ProcessEntry | undefined {
  return process.platform === 'linux' ? readEntry(pid) : readProcessTable().find((entry) => entry.pid === pid)
}

/** Nothing is older than what it comes from: most processes of the host need no closer look. */
function mayDescend(entry: ProcessId, root: ProcessId): boolean {
  const [time, boot] = readStart(entry)
  const [rootTime, rootBoot] = readStart(root)
  return boot === rootBoot && time >= rootTime
}

function readStart({ started }: ProcessId): readonly [number, string] {
  const [ticks = '', boot] = started.split('@')
  return boot === undefined ? [Date.parse(started), ''] : [Number(ticks), boot]
}

function isSame(a: ProcessId | undefined, b: ProcessId | undefined): boolean {
  return a !== undefined && a.pid === b?.pid && a.started === b.started
}

function listProcesses(): readonly ProcessEntry[] {
  if (process.platform !== 'linux') return readProcessTable()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => readEntry(Number(pid)) ?? [])
}

function readEntry(pid: number): ProcessEntry | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The name in parentheses may hold spaces and parentheses of its own. After it: state, parent, …, start time (22nd).
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!fields) return undefined
  return {
    pid,
    parent: Number(fields[1]),
    started: `${fields[19]}@${bootId()}`,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    environment: () => attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')) ?? [],
    openFiles: () => {
      const files = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []
      return files.flatMap((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [])
    },
  }
}

let hostBoot: string | undefined

function bootId(): string {
  hostBoot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return hostBoot
}

/**
 * Where there is no /proc (macOS): ps, whose -E adds the environment to the command. It hides that of programs that
 * the system protects, so there a detached one of those is found by its parent only.
 */
export function readProcessTable(): readonly ProcessEntry[] {
  const environment = process.platform === 'linux' ? 'e' : '-E'
  const columns = ['-o', 'pid=', '-o', 'ppid=', '-o', 'stat=', '-o', 'lstart=', '-o', 'command=']
  const table = execFileSync('ps', ['axww', environment, ...columns], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '/bin:/usr/bin', LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  })
  return table.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(line)
    if (!match) return []
    const [, pid, parent, state = '', started = '', command = ''] = match
    return {
      pid: Number(pid),
      parent: Number(parent),
      started,
      zombie: state.startsWith('Z'),
      environment: () => command.split(' '),
      openFiles: () => [],
    }
  })
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
