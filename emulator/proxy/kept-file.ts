import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The JSON in a file, made if there is none yet; of two that make it at once both get the same. Only its owner may read it. */
export async function keepFile<T>(path: string, make: () => Promise<T>): Promise<T> {
  const kept = read<T>(path)
  if (kept !== undefined) return kept
  const draft = writeDraft(path, JSON.stringify(await make()))
  try {
    // Unlike a rename, this leaves alone what is there.
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return read<T>(path) as T
}

/** Writes a file that only its owner may read; nobody ever reads half of it. */
export function replaceFile(path: string, text: string): void {
  renameSync(writeDraft(path, text), path)
}

function read<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function writeDraft(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, text, { mode: 0o600 })
  return draft
}
