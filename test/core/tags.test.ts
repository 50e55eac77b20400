import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openGit } from '../../adapters/git.ts'
import { InputError } from '../../core/errors.ts'
import type { Context } from '../../core/host.ts'
import { findTagFault, isReleaseName, nameRelease, resolveTag } from '../../core/tags.ts'
import { openSandbox, type Sandbox } from '../adapters/git-sandbox.ts'
import { openSession } from './tasks/upload-code-session.ts'

test('a tag may have the names that git allows', async () => {
  const piece = fc.constantFrom(
    'a',
    'v1',
    '.',
    '..',
    '/',
    '-',
    '@',
    '{',
    '~',
    ' ',
    ':',
    '.lock',
    'ü',
    '\u007f',
    '\\',
    '[',
  )
  const names = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const { exitCode } = await execa('git', ['check-ref-format', `refs/tags/${name}`], { reject: false })
      // `git tag` refuses what it would take for an option.
      expect(findTagFault(name) === undefined, name).toBe(exitCode === 0 && !name.startsWith('-'))
    }),
    { numRuns: 200 },
  )
})

test.each([
  '',
  'v1\n',
  'a\0b',
  'v1 2',
  'v1..2',
  '../../runs/x',
  'a//b',
  '/a',
  'a/',
  '.a',
  'a.lock',
  'v1^{}',
  '-v',
])('%j is no tag', (name) => expect(findTagFault(name)).toBeDefined())

test.each([
  ['recommender', true],
  ['2-step_model.py', true],
  ['Recommender', false],
  ['.github', false],
  ['a..b', false],
  ['a/b', false],
  ['', false],
  ['a\n', false],
])('that %j may be the name of a release is %s', (name, allowed) => {
  expect(isReleaseName(name)).toBe(allowed)
})

async function openCode(): Promise<Sandbox & { readonly commits: readonly string[] }> {
  const sandbox = await openSandbox()
  const first = await sandbox.repository('Code', { a: 'a' })
  await sandbox.git('Code', 'tag', 'v1.0.0')
  const second = await sandbox.commit('Code')
  await sandbox.git('Code', 'tag', '-am', 'x', 'v1.1.0')
  return { ...sandbox, commits: [first, second] }
}

function session(sandbox: Sandbox, directory: string, context: Partial<Context> = {}) {
  return openSession({ git: openGit(join(sandbox.path, directory), sandbox.env), context })
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    (value) => new Error(`expected a refusal, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InputError)
  return (error as Error).message
}

test('the given tag goes before the one of the host, and that before the one that is checked out', async () => {
  await using sandbox = await openCode()
  const [first, second] = sandbox.commits

  expect(await resolveTag(session(sandbox, 'Code', { tag: 'v1.1.0' }), 'v1.0.0')).toEqual({
    name: 'v1.0.0',
    commit: first,
  })
  expect(await resolveTag(session(sandbox, 'Code', { tag: 'v1.0.0' }), undefined)).toMatchObject({
    commit: first,
  })
  expect(await resolveTag(session(sandbox, 'Code'), undefined)).toEqual({ name: 'v1.1.0', commit: second })
})

test('the full name of a tag does as well', async () => {
  await using sandbox = await openCode()

  expect(await resolveTag(session(sandbox, 'Code'), 'refs/tags/v1.0.0')).toMatchObject({ name: 'v1.0.0' })
})

test('several tags on the checked-out commit leave the choice to the caller', async () => {
  await using sandbox = await openCode()
  await sandbox.git('Code', 'tag', 'latest')

  const message = await refusal(resolveTag(session(sandbox, 'Code'), undefined))

  expect(message).toBe(
    '--tag: not given, and the checked-out commit has several tags: latest, v1.1.0. Name the one that is meant.',
  )
})

test('no tag on the checked-out commit is a question to the caller, in the word of the field', async () => {
  await using sandbox = await openCode()
  await sandbox.commit('Code')

  const message = await refusal(resolveTag(session(sandbox, 'Code'), undefined, 'code'))

  expect(message).toContain('--code: not given, and the checked-out commit has no tag.')
  expect(message).not.toContain('event')
})

test('of a CI job whose event brought no tag, it says what to write for events with one', async () => {
  await using sandbox = await openCode()
  await sandbox.commit('Code')

  const message = await refusal(resolveTag(session(sandbox, 'Code', { job: 'acme/42' }), undefined))

  expect(message).toContain(
    'let the job run for tags, by `on: { push: { tags: ["v*"] } }` or `event: [tag]`.',
  )
})

test('a name that git does not allow is refused before git sees it', async () => {
  await using sandbox = await openSandbox()

  const message = await refusal(resolveTag(session(sandbox, ''), 'v1..2'))

  expect(message).toBe('--tag: git allows no tag "v1..2": it has "..".')
})

test.each([
  ['1.1.0', 'v1.1.0'],
  ['v1.0.1', 'v1.0.0'],
  ['v1.1', 'v1.1.0'],
])('for the missing tag %s the nearest one is named', async (name, nearest) => {
  await using sandbox = await openCode()

  const message = await refusal(resolveTag(session(sandbox, 'Code'), name))

  expect(message).toContain(`there is no tag "${name}" in this clone. Did you mean "${nearest}"?`)
  expect(message).toContain('`git fetch --tags` brings it')
})

test('a clone that is shallow, without tags or both is told how to get them', async () => {
  await using sandbox = await openCode()
  const source = `file://${sandbox.path}/Code`
  await sandbox.git('', 'clone', '-q', '--depth=1', '--no-tags', source, 'shallow')
  await sandbox.git('', 'clone', '-q', '--no-tags', source, 'tagless')

  const shallow = await refusal(resolveTag(session(sandbox, 'shallow'), 'v1.0.0'))
  const tagless = await refusal(resolveTag(session(sandbox, 'tagless'), 'v1.0.0'))
  const unnamed = await refusal(resolveTag(session(sandbox, 'tagless'), undefined))

  expect(shallow).toContain('The clone is shallow and has no tags.')
  expect(shallow).toMatch(/fetch-depth: 0.*depth: 0.*git fetch --tags --unshallow/)
  expect(tagless).toContain('The clone has no tags.')
  expect(tagless).toMatch(/or `git fetch --tags`\.$/)
  expect(unnamed).toContain('The clone has no tags.')
})

test('what the message says to do helps', async () => {
  await using sandbox = await openCode()
  await sandbox.git('', 'clone', '-q', '--depth=1', '--no-tags', `file://${sandbox.path}/Code`, 'shallow')
  await sandbox.git('shallow', 'fetch', '-q', '--tags', '--unshallow')

  expect(await resolveTag(session(sandbox, 'shallow'), 'v1.0.0')).toMatchObject({
    commit: sandbox.commits[0],
  })
})

test('a shallow clone of a tag has that tag', async () => {
  await using sandbox = await openCode()
  await sandbox.git('', 'clone', '-q', '--depth=1', '-b', 'v1.0.0', `file://${sandbox.path}/Code`, 'shallow')

  expect(await resolveTag(session(sandbox, 'shallow'), undefined)).toEqual({
    name: 'v1.0.0',
    commit: sandbox.commits[0],
  })
})

test('the host vouches for its own tag where the clone has only the commit, as that of drone-git', async () => {
  await using sandbox = await openCode()
  const [first, second] = sandbox.commits as [string, string]
  await mkdir(join(sandbox.path, 'drone'))
  await sandbox.git('drone', 'init', '-q')
  await sandbox.git('drone', 'remote', 'add', 'origin', `file://${sandbox.path}/Code`)
  await sandbox.git('drone', 'fetch', '-q', '--depth=1', 'origin', '+refs/tags/v1.1.0:')
  await sandbox.git('drone', 'checkout', '-qf', 'FETCH_HEAD')
  const context = { tag: 'v1.1.0', commit: second }

  expect(await resolveTag(session(sandbox, 'drone', context), undefined)).toEqual({
    name: 'v1.1.0',
    commit: second,
  })
  // Neither for another tag nor for a commit that is not there.
  await refusal(resolveTag(session(sandbox, 'drone', context), 'v1.0.0'))
  await refusal(resolveTag(session(sandbox, 'drone', { ...context, commit: first }), undefined))
  await refusal(resolveTag(session(sandbox, 'drone', { tag: 'v1.1.0' }), undefined))
})

test("a release is named after the repository that the host knows, else after the remote or directory's", async () => {
  await using sandbox = await openCode()

  expect(await nameRelease(session(sandbox, 'Code', { repository: 'Acme/Re.Commender' }))).toBe(
    're.commender',
  )
  expect(await nameRelease(session(sandbox, 'Code'))).toBe('code')
  expect(await nameRelease(session(sandbox, 'Code'), 'other')).toBe('other')
})

test('a name that cannot be one is refused in the word of the field', async () => {
  await using sandbox = await openCode()

  const given = await refusal(nameRelease(session(sandbox, 'Code'), 'Other'))
  const derived = await refusal(nameRelease(session(sandbox, 'Code', { repository: 'acme/.github' })))

  expect(given).toMatch(/^--name: got "Other": expected small letters/)
  expect(derived).toMatch(/^--name: not given, and the repository's name "\.github" cannot be it: expected/)
})
