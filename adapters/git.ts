import type { Git } from '../core/world.ts'
import { makeArchive } from './git/archive.ts'
import { askGit, seekGit } from './git/command.ts'
import { openEnvironment } from './git/environment.ts'
import { findCommit, findRepository, nameRepository } from './git/repository.ts'

/** The git repository around a directory. Nothing is run before the first question; each question asks git anew. */
export function openGit(directory: string, env: NodeJS.ProcessEnv): Git {
  const clone = { directory, env: openEnvironment(env) }
  const listTags = async (...filter: readonly string[]) => {
    const tags = await askGit(clone, 'for-each-ref', '--format=%(refname:strip=2)', ...filter, 'refs/tags')
    return tags.split('\n').filter((tag) => tag !== '')
  }
  return {
    async repository() {
      await findRepository(clone)
      return nameRepository(clone)
    },

    async tag(name) {
      await findRepository(clone)
      const ref = `refs/tags/${name}`
      const known = await seekGit(clone, 'show-ref', '--verify', '--quiet', ref)
      if (known === undefined) return undefined
      return { name, commit: await askGit(clone, 'rev-parse', '--verify', `${ref}^{commit}`) }
    },

    async tags() {
      await findRepository(clone)
      return listTags()
    },

    async tagsAtHead() {
      await findRepository(clone)
      // A repository without a commit has no HEAD to ask about.
      const head = await findCommit(clone, 'HEAD')
      return head === undefined ? [] : listTags(`--points-at=${head}`)
    },

    async isShallow() {
      return (await findRepository(clone)).shallow
    },

    async commit(id) {
      await findRepository(clone)
      return findCommit(clone, id)
    },

    archive: (commit, options) => makeArchive(clone, commit, options),
  }
}
