import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** A repository of what a release looks at, whose origin is a bare one. */
function setScene() {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-release-'))
  const origin = join(folder, 'origin.git')
  const clone = join(folder, 'clone')
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  const gitIn = (cwd: string, ...args: readonly string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const git = (...args: readonly string[]) => gitIn(clone, ...args)

  mkdirSync(clone)
  gitIn(folder, 'init', '--quiet', '--bare', '--initial-branch=main', origin)
  git('init', '--quiet', '--initial-branch=main')
  for (const path of [
    'package.json',
    'package-lock.json',
    '.gitignore',
    '.changeset/config.json',
    'scripts/release',
  ])
    cpSync(join(root, path), join(clone, path), { recursive: true })
  mkdirSync(join(clone, 'node_modules'))
  for (const name of ['.bin', '@changesets'])
    symlinkSync(join(root, 'node_modules', name), join(clone, 'node_modules', name))
  setVersion('1.3.9')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'first')
  git('remote', 'add', 'origin', origin)
  git('push', '--quiet', 'origin', 'main')

  function setVersion(version: string) {
    for (const path of ['package.json', 'package-lock.json']) {
      const text = readFileSync(join(clone, path), 'utf8')
      writeFileSync(join(clone, path), text.replace(/"version": "[^"]+"/, `"version": "${version}"`))
    }
  }

  return {
    origin,
    clone,
    git,
    inOrigin: (...args: readonly string[]) => gitIn(origin, ...args),
    read: (path: string) => readFileSync(join(clone, path), 'utf8'),
    propose(name: string, kind: string, text: string) {
      writeFileSync(join(clone, `.changeset/${name}.md`), `---\n"mayfly": ${kind}\n---\n\n${text}\n`)
      git('add', '--all')
      git('commit', '--quiet', '--message', text)
      git('push', '--quiet', 'origin', 'main')
    },
    release() {
      const { status, stdout, stderr } = spawnSync(join(clone, 'scripts/release'), { env, encoding: 'utf8' })
      return { status, stdout, stderr }
    },
    /** What a refused release must not change. */
    state: () => [
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain'),
      git('tag'),
      gitIn(origin, 'show-ref'),
    ],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

test('a release has the version, the changelog and the tags; the tag of the major version moves with it', () => {
  using scene = setScene()
  scene.propose('lasting', 'minor', 'Machines that last.')
  scene.propose('bug', 'patch', 'A bug less.')
  const first = scene.release()

  expect(first, first.stderr).toMatchObject({ status: 0, stdout: 'v1.4.0\n' })
  expect(scene.inOrigin('show', '--no-patch', '--format=%s', 'main')).toBe('Release v1.4.0')
  expect(JSON.parse(scene.inOrigin('show', 'v1.4.0:package.json')).version).toBe('1.4.0')
  const lock = JSON.parse(scene.inOrigin('show', 'v1.4.0:package-lock.json'))
  expect([lock.version, lock.packages[''].version]).toEqual(['1.4.0', '1.4.0'])
  expect(scene.inOrigin('show', 'v1.4.0:CHANGELOG.md')).toMatch(
    /## 1\.4\.0.*Machines that last\..*A bug less\./s,
  )
  expect(scene.inOrigin('for-each-ref', '--format=%(contents)', 'refs/tags/v1.4.0')).toMatch(
    /^### Minor Changes.*Machines that last\./s,
  )
  expect(scene.inOrigin('rev-parse', 'v1')).toBe(scene.inOrigin('rev-parse', 'v1.4.0^{commit}'))

  scene.propose('second', 'patch', 'Another bug less.')
  const second = scene.release()
  expect(second, second.stderr).toMatchObject({ status: 0, stdout: 'v1.4.1\n' })
  expect(scene.inOrigin('rev-parse', 'v1')).toBe(scene.inOrigin('rev-parse', 'v1.4.1^{commit}'))
  expect(scene.inOrigin('for-each-ref', '--format=%(contents)', 'refs/tags/v1.4.1')).not.toContain('last')
  expect(scene.git('status', '--porcelain')).toBe('')
})

test('what cannot be released is refused by name, and nothing changes', () => {
  using scene = setScene()
  const refuse = (expected: string) => {
    const before = scene.state()
    const { status, stderr } = scene.release()
    expect(status).not.toBe(0)
    expect(stderr).toContain(expected)
    expect(scene.state()).toEqual(before)
  }
  refuse('no changeset waits in .changeset')
  scene.propose('lasting', 'minor', 'Machines that last.')

  writeFileSync(join(scene.clone, 'stray'), '')
  refuse('the working tree has changes')
  rmSync(join(scene.clone, 'stray'))

  scene.git('switch', '--quiet', '--create', 'other')
  refuse('expected the branch main, got other.')
  scene.git('switch', '--quiet', 'main')

  scene.git('commit', '--quiet', '--allow-empty', '--message', 'not pushed')
  refuse("origin's main is not: bring both together first.")
  scene.git('push', '--quiet', 'origin', 'main')

  scene.git('tag', 'v1.4.0')
  scene.git('push', '--quiet', 'origin', 'v1.4.0')
  refuse('the tag v1.4.0 exists already.')
  scene.git('push', '--quiet', '--delete', 'origin', 'v1.4.0')
  scene.git('tag', '--delete', 'v1.4.0')

  writeFileSync(join(scene.origin, 'hooks/pre-receive'), '#!/bin/sh\necho no entry >&2\nexit 1\n', {
    mode: 0o755,
  })
  refuse('nothing was released, and this clone is as it was.')
})
