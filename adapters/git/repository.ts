import { basename, dirname } from 'node:path'
import { CommandError, InputError } from '../../core/errors.ts'
import { askGit, seekGit } from './command.ts'
import { nameRemote } from './remote.ts'

/** A repository as an archive needs it. */
export interface Repository {
  /** Where its objects are: in the main repository for a linked work tree, below `.git/modules` for a submodule. */
  readonly objects: string
  /** `sha1` or `sha256`. */
  readonly objectFormat: string
  readonly shallow: boolean
}

/** The repository around a directory. An InputError when there is none. */
export async function findRepository(directory: string, env: NodeJS.ProcessEnv): Promise<Repository> {
  const facts = ['--show-object-format', '--is-shallow-repository', '--git-path', 'objects']
  try {
    const answer = await askGit({ directory, env, args: ['rev-parse', '--path-format=absolute', ...facts] })
    const [objectFormat = '', shallow, ...path] = answer.split('\n')
    return { objectFormat, shallow: shallow === 'true', objects: path.join('\n') }
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    const message = `expected a git repository, and git finds none (${cause.output}). Check the code out before this step, or go to its directory.`
    throw new InputError([{ where: directory, message }], { cause })
  }
}

/** `owner/name` of the origin remote, else the name of the repository's directory. */
export async function nameRepository(directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  const address = await seekGit({ directory, env, args: ['config', '--get', 'remote.origin.url'] })
  const common = ['rev-parse', '--path-format=absolute', '--git-common-dir']
  return (address && nameRemote(address)) ?? nameDirectory(await askGit({ directory, env, args: common }))
}

function nameDirectory(gitDir: string): string {
  return basename(gitDir) === '.git' ? basename(dirname(gitDir)) : basename(gitDir, '.git')
}

/** Whether the objects at hand include a commit. */
export async function hasCommit(directory: string, commit: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`]
  return (await seekGit({ directory, env, args })) !== undefined
}

/** Whether objects may be missing that git fetches when it wants them: `git clone --filter`. */
export async function isPartial(directory: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const args = ['config', '--get-regexp', '^remote\\..*\\.promisor$']
  return (await seekGit({ directory, env, args })) !== undefined
}
