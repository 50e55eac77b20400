import { basename, dirname } from 'node:path'
import { CommandError, InputError } from '../../core/errors.ts'
import { askGit, type Place, seekGit } from './command.ts'
import { nameRemote } from './remote.ts'

/** A repository of the user's: a directory in it, and git's environment there. */
export type Clone = Required<Place>

/** What is to be known of a repository before it is archived. */
export interface Repository {
  /** Where its objects are: in the main repository for a linked work tree, below `.git/modules` for a submodule. */
  readonly objects: string
  /** `sha1` or `sha256`. */
  readonly objectFormat: string
  readonly shallow: boolean
}

/** The repository around a directory. An InputError when there is none. */
export async function findRepository(clone: Clone): Promise<Repository> {
  const facts = ['--show-object-format', '--is-shallow-repository', '--git-path', 'objects']
  try {
    const answer = await askGit(clone, 'rev-parse', '--path-format=absolute', ...facts)
    const [objectFormat = '', shallow, ...path] = answer.split('\n')
    return { objectFormat, shallow: shallow === 'true', objects: path.join('\n') }
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    const message = `expected a git repository, and git finds none (${cause.output}). Check the code out before this step, or go to its directory.`
    throw new InputError([{ where: clone.directory, message }], { cause })
  }
}

/** `owner/name` of the origin remote, else the name of the repository's directory. */
export async function nameRepository(clone: Clone): Promise<string> {
  const address = await seekGit(clone, 'config', '--get', 'remote.origin.url')
  return (address && nameRemote(address)) ?? nameDirectory(clone)
}

async function nameDirectory(clone: Clone): Promise<string> {
  const gitDir = await askGit(clone, 'rev-parse', '--path-format=absolute', '--git-common-dir')
  return basename(gitDir) === '.git' ? basename(dirname(gitDir)) : basename(gitDir, '.git')
}

/** The whole id of a commit, if the clone has it. */
export async function findCommit(clone: Clone, id: string): Promise<string | undefined> {
  return seekGit(clone, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${id}^{commit}`)
}

/** Whether objects may be missing that git fetches when it wants them: `git clone --filter`. */
export async function isPartial(clone: Clone): Promise<boolean> {
  return (await seekGit(clone, 'config', '--get-regexp', '^remote\\..*\\.promisor$')) !== undefined
}
