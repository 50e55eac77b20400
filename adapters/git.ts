import { CommandError } from '../core/errors.ts'
import { findTagFault } from '../core/tags.ts'
import type { Git, Tag } from '../core/world.ts'
import { makeArchive } from './git/archive.ts'
import { askGit, seekGit } from './git/command.ts'
import { openEnvironment } from './git/environment.ts'
import { type Clone, findCommit, findRepository, nameRepository } from './git/repository.ts'

/** The git repository around a directory. Nothing is run before the first question; each question asks git anew. */
export function openGit(directory: string, env: NodeJS.ProcessEnv): Git {
  const clone = { directory, env: openEnvironment(env) }
  const listTags = async (...filter: readonly string[]) => {
    const tags = await askGit(clone, 'for-each-ref', '--format=%(refname:strip=2)', ...filter, 'refs/tags')
    return tags.split('\n').filter((tag) => tag !== '')
  }
  return {
    repository: () => inRepository(clone, () => nameRepository(clone)),
    tag: (name) => inRepository(clone, () => findTag(clone, name)),
    tags: () => inRepository(clone, () => listTags()),

    tagsAtHead: () =>
      inRepository(clone, async () => {
        // A repository without a commit has no HEAD to ask about.
        const head = await findCommit(clone, 'HEAD')
        return head === undefined ? [] : listTags(`--points-at=${head}`)
      }),

    async isShallow() {
      return (await findRepository(clone)).shallow
    },

    changes: (commit) =>
      inRepository(clone, async () => {
        const names = await askGit(clone, 'diff', '--name-only', '-z', commit, '--')
        return names.split('\0').filter((name) => name !== '')
      }),

    commit: (id) => inRepository(clone, () => findCommit(clone, id)),
    archive: (commit, options) => makeArchive(clone, commit, options),
  }
}

/** Asks git, and only when that fails asks whether there is a repository at all: one call less before all others. */
async function inRepository<Answer>(clone: Clone, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof CommandError) await findRepository(clone)
    throw error
  }
}

async function findTag(clone: Clone, name: string): Promise<Tag | undefined> {
  // `v1^{commit}` and its like are questions, not names.
  if (findTagFault(name) !== undefined) return undefined
  const ref = `refs/tags/${name}`
  const commit = await findCommit(clone, ref)
  if (commit !== undefined) return { name, commit }
  if ((await seekGit(clone, 'show-ref', '--verify', '--quiet', ref)) === undefined) return undefined
  // It is there and leads to no commit: git says why.
  return { name, commit: await askGit(clone, 'rev-parse', '--verify', `${ref}^{commit}`) }
}
