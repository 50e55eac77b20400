import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import { askGit } from './command.ts'
import { findRepository, hasCommit, type Repository } from './repository.ts'

/** A place in a tree where a submodule belongs, and the commit that belongs there. */
export interface Gitlink {
  readonly path: string
  readonly commit: string
}

/** The gitlinks of a commit, in the order of their paths. */
export async function listGitlinks(commit: string, env: NodeJS.ProcessEnv): Promise<readonly Gitlink[]> {
  const tree = await askGit({ env, args: ['ls-tree', '-r', '-z', '--full-tree', commit] })
  return tree.split('\0').flatMap((line) => {
    const [, linked, path] = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return linked === undefined || path === undefined ? [] : [{ commit: linked, path }]
  })
}

/** The checked-out repository of a submodule, with the commit in it; an InputError that says how to get it. */
export async function findSubmodule(
  directory: string,
  { path, commit }: Gitlink,
  env: NodeJS.ProcessEnv,
): Promise<Repository> {
  // Without a .git of its own, git would take the repository around it.
  if (!existsSync(join(directory, '.git'))) throw refuse(path, 'it is not initialised')
  if (!(await hasCommit(directory, commit, env))) throw refuse(path, `its clone has no commit ${commit}`)
  return findRepository(directory, env)
}

function refuse(path: string, why: string): InputError {
  const remedy =
    'Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.'
  return new InputError([{ where: `submodule ${path}`, message: `${why}. ${remedy}` }])
}
