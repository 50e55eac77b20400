import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Held by the one process that serves a state directory. */
export type Lock = Disposable

/**
 * Takes the lock of a state directory, or undefined when another process has it. It is a lock of the operating system,
 * which falls with its holder however that dies; Node gives no other one than SQLite's
 * (https://www.sqlite.org/lockingv3.html).
 */
export function takeLock(stateDir: string): Lock | undefined {
  const file = new DatabaseSync(join(stateDir, 'lock'))
  try {
    file.exec('BEGIN EXCLUSIVE')
    return { [Symbol.dispose]: () => file.close() }
  } catch (error) {
    file.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw error
  }
}

const sqliteBusy = 5
