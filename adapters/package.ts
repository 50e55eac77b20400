import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of Mayfly's package.json: above this file, whether it runs as source or from a bundle. */
export function findPackage(): string {
  return climb(dirname(fileURLToPath(import.meta.url)))
}

function climb(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`There is no package.json above ${import.meta.url}.`)
  return climb(parent)
}

/** Mayfly's own version. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(findPackage(), 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
