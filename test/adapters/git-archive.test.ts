import { createHash } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { openGit } from '../../adapters/git.ts'
import { crc32cOf } from '../../core/crc32c.ts'
import { CancelledError, CommandError } from '../../core/errors.ts'
import type { ArchiveOptions } from '../../core/world.ts'
import { openSandbox, type Sandbox } from './git-sandbox.ts'

const long = `${'long-'.repeat(30)}name.py`

/** A tree with everything that a tar may get wrong. */
const tree = {
  'train.py': 'print("hello")\n',
  'run.sh': { program: '#!/bin/sh\n' },
  latest: { link: 'models/v1' },
  'empty.txt': '',
  'données/重み.txt': 'ü\n',
  [`${'deep/'.repeat(30)}${long}`]: 'x\n',
  'windows.txt': 'a\nb\n',
  'secret.txt': 'not for the release\n',
  'tests/test.py': 'neither\n',
  'version.txt': '$Format:%H %h %d %cn$\n',
  'model.bin': 'version https://git-lfs.github.com/spec/v1\n',
  '.gitattributes':
    'secret.txt export-ignore\n/tests export-ignore\nversion.txt export-subst\n*.bin filter=lfs diff=lfs -text\n',
}

async function openCode(): Promise<Sandbox & { readonly head: string }> {
  const sandbox = await openSandbox()
  const head = await sandbox.repository('code', tree)
  await sandbox.git('code', 'tag', 'v1')
  return { ...sandbox, head }
}

async function archive(
  sandbox: Sandbox,
  directory: string,
  commit: string,
  options: Partial<ArchiveOptions> & { readonly env?: NodeJS.ProcessEnv } = {},
) {
  const git = openGit(join(sandbox.path, directory), { ...sandbox.env, ...options.env })
  return git.archive(commit, { submodules: false, digestOnly: false, ...options })
}

async function digest(sandbox: Sandbox, directory: string, commit: string, env: NodeJS.ProcessEnv = {}) {
  await using made = await archive(sandbox, directory, commit, { digestOnly: true, env })
  return made.digest
}

/** git's own tar, from whatever a repository's settings make of it. */
async function tarOf(sandbox: Sandbox, directory: string, ...args: readonly string[]): Promise<Uint8Array> {
  const { stdout } = await execa('git', ['-C', join(sandbox.path, directory), ...args], {
    env: sandbox.env,
    extendEnv: false,
    encoding: 'buffer',
  })
  return stdout
}

test("the tar is git's own, byte for byte, as anyone can make it where no branch or tag is", async () => {
  await using sandbox = await openCode()
  await using made = await archive(sandbox, 'code', sandbox.head)
  await sandbox.git('', 'init', '-q', '--bare', 'bare')
  await sandbox.git('bare', 'fetch', '-q', '../code', sandbox.head)

  const file = await readFile(made.file as string)
  const tar = gunzipSync(file)

  const byHand = await tarOf(sandbox, 'bare', '-c', 'core.abbrev=40', 'archive', sandbox.head)
  expect(tar.equals(byHand)).toBe(true)
  expect(made.digest).toBe(createHash('sha256').update(tar).digest('hex'))
  expect(made.size).toBe(tar.length)
  expect(made.compressedSize).toBe(file.length)
  expect(made.crc32c).toBe(crc32cOf(file))
})

test('the archive holds what the attributes leave, with modes, links and names as they are', async () => {
  await using sandbox = await openCode()
  await using made = await archive(sandbox, 'code', sandbox.head)
  await mkdir(join(sandbox.path, 'out'))
  await execa('tar', ['-xzf', made.file as string, '-C', join(sandbox.path, 'out')])

  const { stdout } = await execa('find', ['.', '!', '-type', 'd', '-printf', '%P %m %l\n'], {
    cwd: join(sandbox.path, 'out'),
  })

  const files = stdout.split('\n').sort()
  expect(files).toEqual(
    [
      '.gitattributes 664 ',
      `${'deep/'.repeat(30)}${long} 664 `,
      'données/重み.txt 664 ',
      'empty.txt 664 ',
      'latest 777 models/v1',
      'model.bin 664 ',
      'run.sh 775 ',
      'train.py 664 ',
      'version.txt 664 ',
      'windows.txt 664 ',
    ].sort(),
  )
  expect(made.files).toBe(files.length)
  expect(await readFile(join(sandbox.path, 'out/version.txt'), 'utf8')).toBe(
    `${sandbox.head} ${sandbox.head}  Ada\n`,
  )
  expect(made.lfs).toEqual(['.gitattributes'])
})

/** What other machines have that changes git's own tar of the same commit. */
const mischiefs: Record<string, (sandbox: Sandbox) => Promise<unknown>> = {
  'core.autocrlf': ({ git }) => git('clone', 'config', 'core.autocrlf', 'true'),
  'core.eol': async ({ git, path }) => {
    await git('clone', 'config', 'core.eol', 'crlf')
    await writeFile(join(path, 'clone/.git/info/attributes'), '*.txt text\n')
  },
  'tar.umask': ({ git }) => git('clone', 'config', 'tar.umask', '077'),
  'core.abbrev': ({ git }) => git('clone', 'config', 'core.abbrev', '9'),
  'core.attributesFile': async ({ git, write }) => {
    await write('', { attributes: 'train.py export-ignore\n' })
    await git('clone', 'config', 'core.attributesFile', '../attributes')
  },
  'info/attributes': ({ path }) =>
    writeFile(join(path, 'clone/.git/info/attributes'), 'train.py export-ignore\n'),
  'attributes in the home': ({ write }) => write('.config/git', { attributes: 'train.py export-ignore\n' }),
  // What `git lfs install` does.
  'a smudge filter for all repositories': ({ write }) =>
    write('', { '.gitconfig': '[filter "lfs"]\n\tsmudge = sed s/version/content/\n' }),
  'a smudge filter': ({ git }) => git('clone', 'config', 'filter.lfs.smudge', 'sed s/version/content/'),
  'a new branch': ({ git }) => git('clone', 'branch', 'topic', 'v1'),
  'a replaced object': async ({ git, write }) => {
    await write('clone', { other: 'other\n' })
    const other = await git('clone', 'hash-object', '-w', 'other')
    await git('clone', 'replace', await git('clone', 'rev-parse', 'v1:train.py'), other)
  },
}

test.each(Object.keys(mischiefs))('%s changes nothing', async (name) => {
  await using sandbox = await openCode()
  await sandbox.git('', 'clone', '--quiet', 'code', 'clone')
  const plain = await tarOf(sandbox, 'clone', 'archive', sandbox.head)
  const before = await digest(sandbox, 'code', sandbox.head)

  await mischiefs[name]?.(sandbox)

  const changed = await tarOf(sandbox, 'clone', 'archive', sandbox.head)
  expect(Buffer.compare(changed, plain)).not.toBe(0)
  expect(await digest(sandbox, 'clone', sandbox.head)).toBe(before)
})

test("settings and places in the caller's environment change nothing", async () => {
  await using sandbox = await openCode()
  await sandbox.write('', { attributes: 'train.py export-ignore\n' })
  const env = {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'tar.umask',
    GIT_CONFIG_VALUE_0: '077',
    GIT_CONFIG_KEY_1: 'core.attributesFile',
    GIT_CONFIG_VALUE_1: join(sandbox.path, 'attributes'),
    GIT_CONFIG_PARAMETERS: "'core.autocrlf'='true'",
    LC_ALL: 'de_DE.UTF-8',
    TZ: 'Asia/Tokyo',
  }

  expect(await digest(sandbox, 'code', sandbox.head, env)).toBe(await digest(sandbox, 'code', sandbox.head))
})

test('the work tree does not matter', async () => {
  await using sandbox = await openCode()
  const clean = await digest(sandbox, 'code', sandbox.head)

  await appendFile(join(sandbox.path, 'code/train.py'), 'dirty\n')
  await sandbox.write('code', { 'new.py': 'x\n', '.gitattributes': '* export-ignore\n' })
  await sandbox.git('code', 'add', '--all')

  expect(await digest(sandbox, 'code', sandbox.head)).toBe(clean)
})

const clones: Record<string, (sandbox: Sandbox) => Promise<unknown>> = {
  'a shallow clone': ({ git, path }) =>
    git('', 'clone', '-q', '--depth=1', '-b', 'v1', `file://${path}/code`, 'place'),
  'a bare clone': ({ git }) => git('', 'clone', '-q', '--bare', 'code', 'place'),
  'a linked work tree': ({ git }) => git('code', 'worktree', 'add', '-q', '--detach', '../place', 'v1'),
  'a clone with alternates': ({ git }) => git('', 'clone', '-q', '--shared', 'code', 'place'),
  'alternates of alternates, relative to each other': async ({ git, path }) => {
    await git('', 'clone', '-q', '--shared', 'code', 'middle')
    await writeFile(join(path, 'middle/.git/objects/info/alternates'), '../../../code/.git/objects\n')
    await git('', 'clone', '-q', '--shared', 'middle', 'place')
    await writeFile(join(path, 'place/.git/objects/info/alternates'), '../../../middle/.git/objects\n')
  },
  'a packed repository': async ({ git }) => {
    await git('', 'clone', '-q', '--no-local', 'code', 'place')
    await git('place', 'pack-refs', '--all')
  },
  'a git directory elsewhere': ({ git }) =>
    git('', 'clone', '-q', '--separate-git-dir=elsewhere.git', 'code', 'place'),
  'a directory whose name has odd characters': async ({ git, write }) => {
    await write('', { 'place/.keep': '' })
    await git('', 'clone', '-q', 'code', 'place/a "b"\n#c:d')
  },
}

test.each(Object.keys(clones))('%s gives the same digest', async (name) => {
  await using sandbox = await openCode()
  await clones[name]?.(sandbox)
  const place = name.includes('odd') ? 'place/a "b"\n#c:d' : 'place'

  expect(await digest(sandbox, place, sandbox.head)).toBe(await digest(sandbox, 'code', sandbox.head))
})

test('a repository with SHA-256 commits has archives too', async () => {
  await using sandbox = await openSandbox()
  await mkdir(join(sandbox.path, 'code'))
  await sandbox.git('code', 'init', '-q', '--object-format=sha256')
  await sandbox.write('code', { a: 'a\n' })
  const commit = await sandbox.commit('code')
  expect(commit).toHaveLength(64)

  const byHand = createHash('sha256').update(await tarOf(sandbox, 'code', 'archive', commit))

  expect(await digest(sandbox, 'code', commit)).toBe(byHand.digest('hex'))
})

test('a large file goes through git in a stream, and keeps its line ends', async () => {
  await using sandbox = await openSandbox()
  const large = 'line\n'.repeat(7_000_000)
  const files = { 'large.txt': large, 'small.txt': 'line\n', '.gitattributes': '*.txt eol=crlf\n' }
  const commit = await sandbox.repository('code', files)
  await using made = await archive(sandbox, 'code', commit, { digestOnly: true })

  expect(made.size - large.length).toBeLessThan(20_480)
})

test('an empty tree is an empty tar', async () => {
  await using sandbox = await openSandbox()
  const commit = await sandbox.repository('code', {})
  await using made = await archive(sandbox, 'code', commit)

  expect(made).toMatchObject({ files: 0, size: 10_240 })
  expect(
    gunzipSync(await readFile(made.file as string)).equals(await tarOf(sandbox, 'code', 'archive', commit)),
  ).toBe(true)
})

test('asked for the digest only, it writes no file', async () => {
  await using sandbox = await openCode()
  await sandbox.write('', { 'tmp/keep': '' })
  const env = { TMPDIR: join(sandbox.path, 'tmp') }
  await using full = await archive(sandbox, 'code', sandbox.head)
  await using made = await archive(sandbox, 'code', sandbox.head, { digestOnly: true, env })

  expect(made).toMatchObject({ digest: full.digest, size: full.size, files: full.files, lfs: full.lfs })
  expect(made.file).toBeUndefined()
  const [workspace = ''] = (await readdir(env.TMPDIR)).filter((name) => name !== 'keep')
  expect(await readdir(join(env.TMPDIR, workspace))).toEqual(['repository.git'])
})

test('tells how many bytes have passed, up to the whole', async () => {
  await using sandbox = await openCode()
  const seen: number[] = []
  await using made = await archive(sandbox, 'code', sandbox.head, {
    onProgress: (bytes) => seen.push(bytes),
  })

  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.at(-1)).toBe(made.size)
})

test('the file goes when the archive is disposed of', async () => {
  await using sandbox = await openCode()
  await sandbox.write('', { 'tmp/keep': '' })
  const env = { TMPDIR: join(sandbox.path, 'tmp') }
  {
    await using made = await archive(sandbox, 'code', sandbox.head, { env })
    expect((await stat(made.file as string)).size).toBeGreaterThan(0)
  }
  expect(await readdir(env.TMPDIR)).toEqual(['keep'])
})

/** A git that is itself but for one subcommand. */
async function spoilGit(sandbox: Sandbox, subcommand: string, script: string): Promise<NodeJS.ProcessEnv> {
  const { stdout: git } = await execa('sh', ['-c', 'command -v git'])
  await sandbox.write('', { 'tmp/keep': '' })
  await sandbox.write('bin', {
    git: {
      program: `#!/bin/sh\ngit=${git}\ncase " $* " in *" ${subcommand} "*) ;; *) exec $git "$@" ;; esac\n${script}\n`,
    },
  })
  return { PATH: `${join(sandbox.path, 'bin')}:${process.env.PATH}`, TMPDIR: join(sandbox.path, 'tmp') }
}

const ends: Record<string, readonly [script: string, message: RegExp]> = {
  'killed in the middle': ['$git "$@" | head -c 3000; kill -9 $$', /git archive ended with signal SIGKILL/],
  'killed when all was written': ['$git "$@"; kill -9 $$', /git archive ended with signal SIGKILL/],
  'failed when all was written': [
    '$git "$@"; echo broken >&2; exit 3',
    /git archive ended with exit code 3: broken/,
  ],
  'cut off without a word': ['$git "$@" | head -c 1024', /The tar stops before its end/],
  'cut off in a block': ['$git "$@" | head -c 1000', /The tar stops in the middle of a block/],
}

test.each(Object.keys(ends))(
  'a git archive that was %s is an error and leaves nothing behind',
  async (name) => {
    await using sandbox = await openCode()
    const [script, message] = ends[name] as (typeof ends)[string]
    const env = await spoilGit(sandbox, 'archive', script)

    await expect(archive(sandbox, 'code', sandbox.head, { env })).rejects.toThrow(message)
    expect(await readdir(env.TMPDIR as string)).toEqual(['keep'])
  },
)

test('an abort ends git, keeps its reason, and leaves nothing behind', async () => {
  await using sandbox = await openCode()
  const endless = `echo $$ > ${sandbox.path}/pid; $git "$@" | head -c 2048; exec sleep 60`
  const env = await spoilGit(sandbox, 'archive', endless)
  const controller = new AbortController()
  const reason = new CancelledError('SIGINT')

  const making = archive(sandbox, 'code', sandbox.head, {
    env,
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  })

  await expect(making).rejects.toBe(reason)
  expect(await readdir(env.TMPDIR as string)).toEqual(['keep'])
  const pid = Number(await readFile(join(sandbox.path, 'pid'), 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('an abort after git has ended is one too', async () => {
  await using sandbox = await openCode()
  await sandbox.write('', { 'tmp/keep': '' })
  const env = { TMPDIR: join(sandbox.path, 'tmp') }
  await using whole = await archive(sandbox, 'code', sandbox.head)
  const controller = new AbortController()
  const reason = new CancelledError('SIGINT')
  const onProgress = (bytes: number) => bytes === whole.size && controller.abort(reason)
  const options = { env, signal: controller.signal, onProgress }

  await expect(archive(sandbox, 'code', sandbox.head, options)).rejects.toBe(reason)
  expect(await readdir(env.TMPDIR)).toEqual(['keep'])
})

test('a full disk is an error that says where, and leaves nothing behind', async () => {
  await using sandbox = await openCode()
  const env = await spoilGit(
    sandbox,
    'rev-parse',
    'ln -s /dev/full "$(echo "$TMPDIR"/mayfly-archive-*)/archive.tar.gz"; exec $git "$@"',
  )

  const making = archive(sandbox, 'code', sandbox.head, { env })

  await expect(making).rejects.toThrow(/could not be written to .*archive\.tar\.gz \(ENOSPC.*TMPDIR/)
  expect(await readdir(env.TMPDIR as string)).toEqual(['keep'])
})

test('a partial clone that lacks files is told how to get them', async () => {
  await using sandbox = await openCode()
  await sandbox.git('code', 'config', 'uploadpack.allowFilter', 'true')
  const clone = [
    'clone',
    '-q',
    '--no-checkout',
    '--filter=blob:none',
    `file://${sandbox.path}/code`,
    'partial',
  ]
  await sandbox.git('', ...clone)

  await expect(archive(sandbox, 'partial', sandbox.head)).rejects.toThrow(/partial.*--refetch --no-filter/s)

  await sandbox.git('partial', 'fetch', '-q', '--refetch', '--no-filter')
  expect(await digest(sandbox, 'partial', sandbox.head)).toBe(await digest(sandbox, 'code', sandbox.head))
})

test('a commit that the clone does not have is an error in the words of git', async () => {
  await using sandbox = await openCode()
  const missing = archive(sandbox, 'code', '1'.repeat(40))

  await expect(missing).rejects.toBeInstanceOf(CommandError)
  await expect(missing).rejects.toThrow(/1111/)
})
