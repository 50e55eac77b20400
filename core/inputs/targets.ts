import { dirname, join, normalize } from 'node:path/posix'
import type { Selection } from './source.ts'

/** An object or an output's file that is meant, before it is known where in the work directory it goes. */
export interface FoundFile {
  /** In its bucket, or in its output. */
  readonly name: string
  readonly uri: string
}

/** Where in the work directory a file goes, or why there is no such place. */
export function placeFile(
  { shape, folder }: Selection,
  to: string,
  { name, uri }: FoundFile,
): { readonly path: string } | { readonly why: string } {
  const path = name.slice(folder.length)
  const isFolder = shape !== 'file' || /(?:^|\/)\.?$/.test(to)
  const parts = isFolder ? path.split('/') : []
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    return { why: `${uri} has a name that is no path below a folder.` }
  return { path: normalize(isFolder ? join(to, path) : to) }
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
