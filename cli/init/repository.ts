import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { seekGit } from '../../adapters/git/command.ts'
import { nameRemote } from '../../adapters/git/remote.ts'
import { isReleaseName } from '../../core/tags.ts'
import { findRepository } from '../local/state.ts'
import { type CiSystem, isGithub } from './ci.ts'

/** What can be seen of a repository. */
export interface Repository {
  readonly top: string
  /** A name for its batch. */
  readonly name: string
  /** The name that upload-code gives its releases. */
  readonly release: string
  /** The CI systems that it seems to use, and by what that shows. */
  readonly ci: readonly CiSystem[]
  readonly because: string
  readonly program?: Program
}

/** The script that a batch would most likely run. */
export interface Program {
  readonly language: 'python' | 'r'
  readonly file: string
  /** It has a requirements.txt. */
  readonly requirements: boolean
}

/** Looks around from a folder. */
export async function inspectRepository(folder: string): Promise<Repository> {
  const found = findRepository(folder)
  const top = found ?? folder
  const remote =
    found && (await seekGit({ directory: top, env: process.env }, 'config', '--get', 'remote.origin.url'))
  const program = findProgram(top)
  const called = ((remote && nameRemote(remote)?.split('/').at(-1)) || basename(top)).toLowerCase()
  const name = nameBatch(called)
  return {
    top,
    name,
    release: isReleaseName(called) ? called : name,
    ...chooseCi(top, remote || undefined),
    ...(program && { program }),
  }
}

function chooseCi(top: string, remote: string | undefined): Pick<Repository, 'ci' | 'because'> {
  const signs: readonly (readonly [CiSystem, string])[] = [
    ['drone', '.drone.yml'],
    ['woodpecker', '.woodpecker'],
    ['woodpecker', '.woodpecker.yml'],
    ['github', '.github/workflows'],
  ]
  const seen = signs.filter(([, path]) => existsSync(join(top, path)))
  if (seen.length > 0)
    return {
      ci: [...new Set(seen.map(([ci]) => ci))],
      because: `there is ${seen.map(([, path]) => path).join(' and ')}`,
    }
  if (remote === undefined) return { ci: ['github'], because: 'there is no remote yet' }
  return isGithub(remote)
    ? { ci: ['github'], because: 'the remote is at GitHub' }
    : { ci: ['drone'], because: 'the remote is not at GitHub' }
}

/** Names that people give to what is to be started. */
const starts = ['main', 'run', 'train', 'batch', 'job']

function findProgram(top: string): Program | undefined {
  const files = readdirSync(top).sort()
  const scripts = files.filter(
    (file) => /\.(py|R|r)$/.test(file) && !/^(setup|conftest|test_.*)\.py$/.test(file),
  )
  const named = starts.flatMap((start) => scripts.filter((file) => file.replace(/\.\w+$/, '') === start))
  const file = named[0] ?? scripts[0]
  if (file === undefined) return undefined
  const language = file.endsWith('.py') ? 'python' : 'r'
  return { language, file, requirements: language === 'python' && files.includes('requirements.txt') }
}

/** In the letters that a batch's name may have. */
function nameBatch(name: string): string {
  const clean = name
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return clean === '' ? 'batch' : clean
}
