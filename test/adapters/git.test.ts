import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openGit } from '../../adapters/git.ts'
import { InputError } from '../../core/errors.ts'
import { openSandbox } from './git-sandbox.ts'

test('an annotated tag leads to the same commit as a lightweight one, from any directory of the work tree', async () => {
  await using sandbox = await openSandbox()
  const commit = await sandbox.repository('code', { 'a.py': 'a\n', 'deep/b.py': 'b\n' })
  await sandbox.git('code', 'tag', 'light')
  await sandbox.git('code', 'tag', '--annotate', '--message', 'x', 'heavy')
  await sandbox.git('code', 'tag', '--annotate', '--message', 'y', 'heavier', 'heavy')
  const git = openGit(join(sandbox.path, 'code/deep'), sandbox.env)

  const tags = await Promise.all(['light', 'heavy', 'heavier'].map((name) => git.tag(name)))

  expect(tags).toEqual(['light', 'heavy', 'heavier'].map((name) => ({ name, commit })))
  expect(await git.tags()).toEqual(['heavier', 'heavy', 'light'])
})

test('a name that is no tag is undefined, also if git would make something of it', async () => {
  await using sandbox = await openSandbox()
  await sandbox.repository('code', { a: 'a' })
  await sandbox.git('code', 'tag', 'v1')
  const git = openGit(join(sandbox.path, 'code'), sandbox.env)

  for (const name of ['v2', 'main', 'HEAD', 'v1^{commit}', 'v1:a', '--all', '../heads/main'])
    expect(await git.tag(name), name).toBeUndefined()
})

test('a tag on something that is no commit is an error in the words of git', async () => {
  await using sandbox = await openSandbox()
  await sandbox.repository('code', { a: 'a' })
  await sandbox.git('code', 'tag', 'blob', 'HEAD:a')

  const found = openGit(join(sandbox.path, 'code'), sandbox.env).tag('blob')

  await expect(found).rejects.toThrow(/expected commit type, but the object dereferences to blob type/)
})

test('a tag that somebody has replaced leads where it did', async () => {
  await using sandbox = await openSandbox()
  const commit = await sandbox.repository('code', { a: 'a' })
  await sandbox.git('code', 'tag', '-am', 'x', 'v1')
  await sandbox.commit('code')
  await sandbox.git('code', 'tag', '-am', 'y', 'v2')
  await sandbox.git('code', 'replace', 'refs/tags/v1', 'refs/tags/v2')
  expect(await sandbox.git('code', 'rev-parse', 'v1^{commit}')).not.toBe(commit)

  expect(await openGit(join(sandbox.path, 'code'), sandbox.env).tag('v1')).toEqual({ name: 'v1', commit })
})

test('tags at HEAD are those of the checked-out commit only', async () => {
  await using sandbox = await openSandbox()
  await mkdir(join(sandbox.path, 'code'))
  await sandbox.git('code', 'init', '--quiet')
  const git = openGit(join(sandbox.path, 'code'), sandbox.env)
  expect(await git.tagsAtHead()).toEqual([])

  await sandbox.commit('code')
  await sandbox.git('code', 'tag', 'old')
  await sandbox.commit('code')
  expect(await git.tagsAtHead()).toEqual([])

  await sandbox.git('code', 'tag', 'v2')
  await sandbox.git('code', 'tag', '-am', 'x', 'v10')
  expect(await git.tagsAtHead()).toEqual(['v10', 'v2'])
})

test('tells a shallow clone, and which commits it has', async () => {
  await using sandbox = await openSandbox()
  const first = await sandbox.repository('code', { a: 'a' })
  const second = await sandbox.commit('code')
  await sandbox.git('', 'clone', '--quiet', '--depth=1', `file://${sandbox.path}/code`, 'clone')
  const [full, shallow] = ['code', 'clone'].map((name) => openGit(join(sandbox.path, name), sandbox.env))

  expect(await full?.isShallow()).toBe(false)
  expect(await shallow?.isShallow()).toBe(true)
  expect(await full?.commit(first)).toBe(first)
  expect(await shallow?.commit(first)).toBeUndefined()
  expect(await shallow?.commit(second.slice(0, 10))).toBe(second)
})

test.each([
  ['https://github.com/acme/recommender.git', 'acme/recommender'],
  ['https://x-access-token:secret@ghe.acme.example/acme/recommender', 'acme/recommender'],
  ['git@github.com:acme/recommender.git', 'acme/recommender'],
  ['ssh://git@ghe.acme.example:2222/acme/recommender.git/', 'acme/recommender'],
  ['acme:recommender.git', 'recommender'],
  ['../mirrors/acme/recommender.git', 'acme/recommender'],
  ['file:///srv/git/acme/recommender', 'acme/recommender'],
])('the repository behind %s is %s', async (address, name) => {
  await using sandbox = await openSandbox()
  await sandbox.repository('code', {})
  await sandbox.git('code', 'remote', 'add', 'origin', address)

  expect(await openGit(join(sandbox.path, 'code'), sandbox.env).repository()).toBe(name)
})

test('without a remote the repository has the name of its directory, in a linked and a bare one too', async () => {
  await using sandbox = await openSandbox()
  await sandbox.repository('code', {})
  await sandbox.git('code', 'worktree', 'add', '--quiet', '../linked')
  await sandbox.git('', 'clone', '--quiet', '--bare', 'code', 'bare.git')
  await sandbox.git('bare.git', 'remote', 'remove', 'origin')
  const names = ['code', 'linked', 'bare.git'].map((name) =>
    openGit(join(sandbox.path, name), sandbox.env).repository(),
  )

  expect(await Promise.all(names)).toEqual(['code', 'code', 'bare'])
})

test('a directory without a repository is a bad input that names it', async () => {
  await using sandbox = await openSandbox()
  const error = await openGit(sandbox.path, sandbox.env)
    .tags()
    .catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(InputError)
  expect((error as Error).message).toContain(`${sandbox.path}: expected a git repository`)
  expect((error as Error).message).toContain('not a git repository')
})

test('a machine without git is told so', async () => {
  await using sandbox = await openSandbox()
  const git = openGit(sandbox.path, { ...sandbox.env, PATH: sandbox.path })

  await expect(git.tags()).rejects.toThrow('git was not found on the PATH')
})

test("works as root in somebody else's workspace, beside settings that the caller has put into the environment", async () => {
  await using sandbox = await openSandbox()
  await sandbox.repository('code', { a: 'a' })
  await sandbox.git('code', 'tag', 'v1')
  const env = {
    ...sandbox.env,
    // git's own way to play a repository of another user (t/lib-safe-directory.sh).
    GIT_TEST_ASSUME_DIFFERENT_OWNER: '1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'remote.origin.url',
    GIT_CONFIG_VALUE_0: 'https://example.com/acme/code.git',
  }

  const git = openGit(join(sandbox.path, 'code'), env)
  expect(await git.tags()).toEqual(['v1'])
  expect(await git.repository()).toBe('acme/code')
})
