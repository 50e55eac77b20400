import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import { askGit, type Place } from './command.ts'
import { type Clone, findCommit, findRepository, type Repository } from './repository.ts'

/** A place in a tree where a submodule belongs, and the commit that belongs there. */
export interface Gitlink {
  readonly path: string
  readonly commit: string
}

/** The gitlinks of a commit, in the order of their paths. */
export async function listGitlinks(place: Place, commit: string): Promise<readonly Gitlink[]> {
  const tree = await askGit(place, 'ls-tree', '-r', '-z', '--full-tree', commit)
  return tree.split('\0').flatMap((line) => {
    const [, linked, path] = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return linked === undefined || path === undefined ? [] : [{ commit: linked, path }]
  })
}

/** The repository of a submodule that is checked out, with the commit in it; an InputError that says how to get it. */
export async function findSubmodule(clone: Clone, { path, commit }: Gitlink): Promise<Repository> {
  // Without a .git of its own, git would take the repository around it.
  if (!existsSync(join(clone.directory, '.git'))) throw refuse(path, 'it is not initialised')
  if ((await findCommit(clone, commit)) === undefined) throw refuse(path, `its clone has no commit ${commit}`)
  return findRepository(clone)
}

function refuse(path: string, why: string): InputError {
  const remedy =
    'Get it before this step: `submodules: recursive` with actions/checkout, `recursive: true` with a clone plugin, or `git submodule update --init --recursive`.'
  return new InputError([{ where: `submodule ${path}`, message: `${why}. ${remedy}` }])
}
