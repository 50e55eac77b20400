import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

// Beside `contents/disks/ID` and `contents/images/ID` is `contents/layers`: what several of them stand on.

/** The layers beside a disk or an image. */
export function poolOf(directory: string): string {
  return join(dirname(dirname(directory)), 'layers')
}

/** The directories of all disks and images that may stand on layers of a pool. */
export function listTenants(pool: string): readonly string[] {
  return ['disks', 'images'].flatMap((kind) => listPaths(join(dirname(pool), kind)))
}

/** Paths of what is in a folder, which need not exist. */
export function listPaths(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}
