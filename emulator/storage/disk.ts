import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const unfinished = '.new'

/** Writes a record so that a reader, now or after a kill, finds the old one or the new one and nothing between. */
export function writeRecord(path: string, record: object): void {
  writeFileSync(path + unfinished, JSON.stringify(record))
  renameSync(path + unfinished, path)
}

/** The record at a path that was written by `writeRecord`; undefined when there is none. */
export function readRecord<T>(path: string): T | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

/** All records of a folder; what a kill left half written there is removed. */
export function readRecords<T>(folder: string): T[] {
  const records: T[] = []
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.endsWith(unfinished)) rmSync(path)
    else records.push(JSON.parse(readFileSync(path, 'utf8')))
  }
  return records
}

/** Removes from a folder every file that nothing refers to any more. */
export function sweepFolder(folder: string, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    if (!keep.has(name)) rmSync(join(folder, name), { recursive: true })
  }
}
