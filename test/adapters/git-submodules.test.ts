import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGit } from '../../adapters/git.ts'
import { InputError } from '../../core/errors.ts'
import { openSandbox, type Sandbox } from './git-sandbox.ts'

let model: Sandbox
let head: string

beforeAll(async () => {
  model = await openSandbox()
  const { git, repository, commit } = model
  await repository('inner', { 'inner.py': 'i\n', '.gitattributes': '*.bin filter=lfs\n' })
  await repository('outer', {
    'outer.py': 'o\n',
    'tests/t.py': 't\n',
    '.gitattributes': 'tests export-ignore\n',
  })
  await git('outer', 'submodule', 'add', '--quiet', '../inner', 'vendor/inner')
  await commit('outer')
  await repository('code', { 'a.py': 'a\n', 'z.py': 'z\n' })
  await git('code', 'submodule', 'add', '--quiet', '../outer', 'libs/outer')
  await git('code', 'submodule', 'add', '--quiet', '../inner', 'libs/inner')
  await git('code', 'submodule', 'update', '--quiet', '--init', '--recursive')
  head = await commit('code')
})

afterAll(() => model[Symbol.asyncDispose]())

/** A repository with two submodules, one of which has one of its own: a copy, since `git submodule` takes its time. */
async function openNested(): Promise<Sandbox> {
  const sandbox = await openSandbox()
  await cp(model.path, sandbox.path, { recursive: true })
  return sandbox
}

function archive(sandbox: Sandbox, directory: string, commit: string, submodules = true) {
  return openGit(join(sandbox.path, directory), sandbox.env).archive(commit, {
    submodules,
    digestOnly: false,
  })
}

async function list(file: string | undefined): Promise<readonly string[]> {
  const { stdout } = await execa('tar', ['-tzf', file as string])
  return stdout.split('\n').filter((name) => !name.endsWith('/'))
}

test('submodules follow the tree in the order of their paths, each with its own attributes', async () => {
  await using sandbox = await openNested()
  await using made = await archive(sandbox, 'code', head)

  expect(await list(made.file)).toEqual([
    '.gitmodules',
    'a.py',
    'z.py',
    'libs/inner/.gitattributes',
    'libs/inner/inner.py',
    'libs/outer/.gitattributes',
    'libs/outer/.gitmodules',
    'libs/outer/outer.py',
    'libs/outer/vendor/inner/.gitattributes',
    'libs/outer/vendor/inner/inner.py',
  ])
  expect(made.files).toBe(10)
  expect(made.size % 10_240).toBe(0)
  expect(made.lfs).toEqual(['libs/inner/.gitattributes', 'libs/outer/vendor/inner/.gitattributes'])
})

test('unless asked for, they are empty directories as git leaves them', async () => {
  await using sandbox = await openNested()
  await using made = await archive(sandbox, 'code', head, false)

  expect(await list(made.file)).toEqual(['.gitmodules', 'a.py', 'z.py'])
})

test('the digest is the same from another clone, a linked work tree and a folder below the top', async () => {
  await using sandbox = await openNested()
  await sandbox.git('', 'clone', '-q', '--recurse-submodules', 'code', 'clone')
  await sandbox.git('code', 'worktree', 'add', '-q', '--detach', '../linked')
  await sandbox.git('linked', 'submodule', 'update', '-q', '--init', '--recursive')
  await mkdir(join(sandbox.path, 'code/folder'))
  await using made = await archive(sandbox, 'code', head)

  for (const place of ['clone', 'linked', 'code/folder']) {
    await using other = await archive(sandbox, place, head)
    expect(other.digest, place).toBe(made.digest)
  }
})

test('a submodule can itself be released, and is what its own repository is', async () => {
  await using sandbox = await openNested()
  const commit = await sandbox.git('code/libs/outer', 'rev-parse', 'HEAD')
  await using inside = await archive(sandbox, 'code/libs/outer', commit)
  await using alone = await archive(sandbox, 'outer', commit)

  expect(inside.digest).toBe(alone.digest)
  expect(await list(inside.file)).toContain('vendor/inner/inner.py')
})

test('what is checked out in a submodule does not matter, but what the commit names', async () => {
  await using sandbox = await openNested()
  await using before = await archive(sandbox, 'code', head)

  await sandbox.write('code/libs/inner', { 'new.py': 'n\n' })
  await sandbox.commit('code/libs/inner')

  await using after = await archive(sandbox, 'code', head)
  expect(after.digest).toBe(before.digest)
})

test('a submodule to which export-ignore applies is left out and need not be there', async () => {
  await using sandbox = await openNested()
  await sandbox.write('code', { '.gitattributes': 'libs/outer export-ignore\n' })
  const commit = await sandbox.commit('code')
  await sandbox.git('', 'clone', '-q', 'code', 'clone')
  await sandbox.git('clone', 'submodule', 'update', '-q', '--init', 'libs/inner')
  await using made = await archive(sandbox, 'clone', commit)

  expect(await list(made.file)).toEqual([
    '.gitattributes',
    '.gitmodules',
    'a.py',
    'z.py',
    'libs/inner/.gitattributes',
    'libs/inner/inner.py',
  ])
})

const gaps: Record<string, (sandbox: Sandbox) => Promise<unknown>> = {
  'libs/inner: it is not initialised': async () => undefined,
  'libs/outer/vendor/inner: it is not initialised': ({ git }) =>
    git('clone', 'submodule', 'update', '-q', '--init'),
  'libs/inner: its clone has no commit': async ({ git, path }) => {
    await git('clone', 'submodule', 'update', '-q', '--init', '--recursive')
    await rm(join(path, 'clone/.git/modules/libs/inner'), { recursive: true })
    await git('', 'init', '-q', '--bare', 'empty.git')
    await rename(join(path, 'empty.git'), join(path, 'clone/.git/modules/libs/inner'))
  },
}

test.each(Object.keys(gaps))('a gap is a bad input that says what to do: submodule %s', async (gap) => {
  await using sandbox = await openNested()
  await sandbox.git('', 'clone', '-q', 'code', 'clone')
  await gaps[gap]?.(sandbox)

  const error = await archive(sandbox, 'clone', head).catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(InputError)
  expect((error as Error).message).toContain(`submodule ${gap}`)
  expect((error as Error).message).toContain('git submodule update --init --recursive')
})
