import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeBatch, writePlaybook } from './batch.ts'
import { type CiSystem, type Names, writePipelines } from './ci.ts'
import type { Program } from './repository.ts'

export interface WantedFile {
  /** From the top of the repository. */
  readonly path: string
  readonly text: string
}

/** Every file of a repository that uses Mayfly, but .gitignore. */
export function listFiles(
  names: Names,
  ci: readonly CiSystem[],
  program: Program | undefined,
): readonly WantedFile[] {
  return [
    { path: 'batch.yaml', text: writeBatch(names, program) },
    { path: 'site.yml', text: writePlaybook(names, program) },
    ...ci.flatMap((system) => writePipelines(system, names)),
  ]
}

/** What became of a file: `unchanged` has the wanted text already, `differs` has another, which stays. */
export type Fate = 'written' | 'unchanged' | 'differs'

/** Writes a file that is not there. One that is there is never touched. */
export function writeNew(top: string, { path, text }: WantedFile, dryRun: boolean): Fate {
  const file = join(top, path)
  if (dryRun) return existsSync(file) ? compare(file, text) : 'written'
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { flag: 'wx' })
    return 'written'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return compare(file, text)
  }
}

function compare(file: string, text: string): Fate {
  return readFileSync(file, 'utf8') === text ? 'unchanged' : 'differs'
}

const ignored = '.mayfly/'

/** Adds a line to .gitignore, unless it is there. */
export function ignoreState(top: string, dryRun: boolean): Fate {
  const file = join(top, '.gitignore')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (text.split('\n').some((line) => /^\/?\.mayfly\/?$/.test(line.trim()))) return 'unchanged'
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  if (!dryRun) writeFileSync(file, `${gap}${ignored}\n`, { flag: 'a' })
  return 'written'
}
