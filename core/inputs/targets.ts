import { dirname, join, normalize } from 'node:path/posix'
import type { Problem } from '../errors.ts'
import type { InputFile, PlannedInput } from '../protocol/records.ts'
import type { Selection } from './source.ts'

/** An input as the batch file has it, filled. */
export type WrittenInput = Pick<PlannedInput, 'from' | 'to' | 'where'>

/** A file that an input stands for, before its place is known. */
export interface Found extends Omit<InputFile, 'input' | 'path'> {
  readonly name: string
}

/** What a place holds of what is meant. */
export interface Finding {
  readonly files: readonly Found[]
  readonly selection: Selection
  readonly uri: string
  /** The run whose output it is. */
  readonly run?: string
}

/** Nothing is found, and why. */
export interface Nothing {
  readonly why: string
}

/** Where in the work directory a file goes, or why there is no such place. */
export function placeFile(
  { shape, folder }: Selection,
  to: string,
  { name, uri }: Pick<Found, 'name' | 'uri'>,
): { readonly path: string } | { readonly why: string } {
  const path = name.slice(folder.length)
  const isFolder = shape !== 'file' || /(?:^|\/)\.?$/.test(to)
  const parts = isFolder ? path.split('/') : []
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    return { why: `${uri} has a name that is no path below a folder.` }
  return { path: normalize(isFolder ? join(to, path) : to) }
}

/** Where an input's files go; what has no place is a problem. */
export function placeFiles(
  { files, selection }: Finding,
  { to, where }: WrittenInput,
  input: number,
  problems: Problem[],
): readonly InputFile[] {
  return files.flatMap(({ name, ...file }) => {
    const place = placeFile(selection, to, { name, uri: file.uri })
    if ('path' in place) return [{ input, path: place.path, ...file }]
    problems.push({ where, message: place.why })
    return []
  })
}

/** What a report says of an input. */
export function summarize(
  { selection, uri, run }: Omit<Finding, 'files'>,
  files: readonly InputFile[],
): NonNullable<PlannedInput['resolved']> {
  const generation = selection.shape === 'file' ? files[0]?.generation : undefined
  return {
    uri,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    ...(generation !== undefined && { generation }),
    ...(run !== undefined && { run }),
  }
}

/** Two files that cannot be in the work directory together. */
export interface Clash {
  /** Of the later one, in the order of the files. */
  readonly index: number
  readonly why: string
}

/** The first file that would take the place of another one, or lie below one. */
export function findClash(
  files: readonly { readonly path: string; readonly uri: string }[],
): Clash | undefined {
  const byPath = new Map<string, string>()
  for (const [index, { path, uri }] of files.entries()) {
    const other = byPath.get(path)
    if (other !== undefined) return { index, why: `${uri} and ${other} both go to ${path}.` }
    byPath.set(path, uri)
  }
  for (const [index, { path, uri }] of files.entries())
    for (let above = dirname(path); above !== '.'; above = dirname(above)) {
      const other = byPath.get(above)
      if (other !== undefined)
        return { index, why: `${uri} goes to ${path}, and ${above} is a file itself: ${other}.` }
    }
  return undefined
}
