import type { Git } from '../core/world.ts'
import { makeArchive } from './git/archive.ts'
import { askGit, seekGit } from './git/command.ts'
import { openEnvironment } from './git/environment.ts'
import { findRepository, hasCommit, nameRepository } from './git/repository.ts'

/** The git repository around a directory. Nothing is run before the first question; each question asks git anew. */
export function openGit(directory: string, environment: NodeJS.ProcessEnv): Git {
  const env = openEnvironment(environment)
  const listTags = async (...filter: readonly string[]) => {
    const args = ['for-each-ref', '--format=%(refname:strip=2)', ...filter, 'refs/tags']
    return (await askGit({ directory, env, args })).split('\n').filter((tag) => tag !== '')
  }
  return {
    async repository() {
      await findRepository(directory, env)
      return nameRepository(directory, env)
    },

    async tag(name) {
      await findRepository(directory, env)
      const ref = `refs/tags/${name}`
      const known = await seekGit({ directory, env, args: ['show-ref', '--verify', '--quiet', ref] })
      if (known === undefined) return undefined
      return {
        name,
        commit: await askGit({ directory, env, args: ['rev-parse', '--verify', `${ref}^{commit}`] }),
      }
    },

    async tags() {
      await findRepository(directory, env)
      return listTags()
    },

    async tagsAtHead() {
      await findRepository(directory, env)
      // A repository without a commit has no HEAD to ask about.
      const head = await seekGit({ directory, env, args: ['rev-parse', '--verify', '--quiet', 'HEAD'] })
      return head === undefined ? [] : listTags(`--points-at=${head}`)
    },

    async isShallow() {
      return (await findRepository(directory, env)).shallow
    },

    async hasCommit(commit) {
      await findRepository(directory, env)
      return hasCommit(directory, commit, env)
    },

    archive: (commit, options) => makeArchive(directory, env, commit, options),
  }
}
