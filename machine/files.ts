import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** A file to be stored. */
export interface FoundFile {
  readonly file: string
  /** Below the folder that was walked, with slashes. */
  readonly path: string
}

/** What cannot be stored, and why; it is left out. */
export interface LeftOut {
  readonly leftOut: string
  readonly why: string
}

/**
 * All files below a folder, in order of names. A link is followed when it stays within `bounds` (both are real paths)
 * and does not lead back to where it comes from; everything else that is no file or folder is told and left out.
 */
export async function* walk(folder: string, bounds: string): AsyncIterable<FoundFile | LeftOut> {
  yield* walkBelow(folder, '', bounds, [await realpath(folder)])
}

async function* walkBelow(
  folder: string,
  prefix: string,
  bounds: string,
  above: readonly string[],
): AsyncIterable<FoundFile | LeftOut> {
  for (const name of (await readdir(folder)).sort()) {
    const file = join(folder, name)
    const path = prefix + name
    const target = await look(file)
    if (target === undefined) yield { leftOut: path, why: 'a link to nothing' }
    else if (!isWithin(target.real, bounds)) yield { leftOut: path, why: 'a link out of the work directory' }
    else if (target.stats.isFile()) yield { file, path }
    else if (!target.stats.isDirectory()) yield { leftOut: path, why: 'neither a file nor a folder' }
    else if (above.includes(target.real)) yield { leftOut: path, why: 'a link to a folder that it is in' }
    else yield* walkBelow(file, `${path}/`, bounds, [...above, target.real])
  }
}

/** What a path leads to, links followed; undefined when that does not exist. */
export async function look(path: string): Promise<{ real: string; stats: Stats } | undefined> {
  try {
    return { real: await realpath(path), stats: await stat(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Both are real paths. */
export function isWithin(path: string, bounds: string): boolean {
  const way = relative(bounds, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

const mostNames = 20

/** What there is where something was expected: the entries of the nearest folder that exists. */
export async function describeHoldings(work: string, path: string): Promise<string> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  for (let count = parts.length; count >= 0; count--) {
    const place = parts.slice(0, count).join('/')
    const names = await readdir(join(work, place)).catch(() => undefined)
    if (names === undefined) continue
    const where = place === '' ? 'The work directory' : `${place}/`
    if (names.length === 0) return `${where} is empty.`
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
    return `${where} holds ${names.sort().slice(0, mostNames).join(', ')}${more}.`
  }
  return 'The work directory is gone.'
}
