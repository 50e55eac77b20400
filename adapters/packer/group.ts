import { readdirSync, readFileSync } from 'node:fs'

/** Signals every process of a group; false when there is none. */
export function signalGroup(group: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (group === undefined) return false
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

/**
 * Whether a process of a group still runs. One that has ended counts as long as nobody has waited for it, and in a
 * container whose first process is ours nobody does: so Linux is asked how each of them is.
 */
export function isGroupAlive(group: number | undefined): boolean {
  if (!signalGroup(group, 0)) return false
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isMember(name, group))
  } catch {
    // No Linux.
    return true
  }
}

function isMember(pid: string, group: number | undefined): boolean {
  try {
    // The name before it may hold anything.
    const [state, , own] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(own) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}
