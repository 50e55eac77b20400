import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { text } from '../../core/fields.ts'

/** The field of every command that uses the local cloud. */
export const stateField = {
  state: text({
    description: "The local cloud's folder. Without it, `.mayfly` at the top of this repository.",
    env: ['MAYFLY_LOCAL_STATE'],
  }),
} as const

/** The folder that is meant; it need not exist. */
export function findStateDir(given: string | undefined): string {
  const cwd = process.cwd()
  return resolve(given ?? join(findRepository(cwd) ?? cwd, '.mayfly'))
}

/** Makes the folder, and git blind to it. */
export function makeStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(join(stateDir, '.gitignore'), '*\n')
}

/** The nearest folder upwards that is a git work tree, whose `.git` may be a folder or a file. */
export function findRepository(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : findRepository(parent)
}
