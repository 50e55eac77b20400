import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { inspectRepository } from '../../cli/init/repository.ts'
import { readBatch } from '../../core/batch/read.ts'
import { findTool, testWith } from '../tools.ts'
import { openFolder, runMayfly } from './mayfly.ts'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/batch.json'), 'utf8'))
const isBatch = new Ajv2020({ strict: false }).compile(schema)

/** A folder that is a git repository, with a remote if one is given. */
function openRepository(remote?: string, files: Readonly<Record<string, string>> = {}) {
  const folder = openFolder()
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder.path,
      encoding: 'utf8',
    })
  git('init', '--quiet', '--initial-branch=main')
  if (remote !== undefined) git('remote', 'add', 'origin', remote)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true })
    writeFileSync(join(folder.path, path), text)
  }
  const read = (path: string) => readFileSync(join(folder.path, path), 'utf8')
  const list = () => git('ls-files', '--others', '--cached').trim().split('\n').sort()
  return { ...folder, git, read, list }
}

const given = [
  '--project=shop-ml',
  '--bucket=shop-depot',
  '--family=shop',
  '--zones=europe-west1-b',
  '--owner=shop',
]
const provider = 'projects/1/locations/global/workloadIdentityPools/p/providers/q'

test.each([
  [
    'github',
    [
      '.github/workflows/mayfly-image.yml',
      '.github/workflows/mayfly-nightly.yml',
      '.github/workflows/mayfly-release.yml',
    ],
  ],
  ['drone', ['.drone.yml']],
  [
    'woodpecker',
    ['.woodpecker/mayfly-image.yml', '.woodpecker/mayfly-nightly.yml', '.woodpecker/mayfly-release.yml'],
  ],
])('for %s, everything that is written is valid and has the names that were given', async (ci, pipelines) => {
  await using repository = openRepository('git@git.acme.com:ml/Shop_Model.git')

  const { exitCode, stdout } = await runMayfly(
    ['init', `--ci=${ci}`, `--identity-provider=${provider}`, ...given],
    repository.path,
  )

  expect(exitCode).toBe(0)
  expect(stdout).not.toContain('Replace before')
  expect(repository.list()).toEqual([...pipelines, '.gitignore', 'batch.yaml', 'site.yml'].sort())
  for (const path of pipelines) {
    const text = repository.read(path)
    expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([])
    expect(text).not.toMatch(/acme|OWNER|penguins|ml-batch|us-central1/)
  }
  const all = pipelines.map(repository.read).join('')
  // The name that upload-code gives the releases of this repository.
  expect(all).toContain('code: shop_model@')
  expect(all).toMatch(/zones: \[?europe-west1-b\]?\n/)
  expect(isBatch(parse(repository.read('batch.yaml')))).toBe(true)
  expect(readBatch(repository.read('batch.yaml'), 'batch.yaml').batch).toMatchObject({
    name: 'shop-model',
    machine: { image: 'shop', zones: ['europe-west1-b'] },
  })
  expect(repository.read('.gitignore')).toBe('.mayfly/\n')
})

test('what it writes runs on the local cloud', async () => {
  await using repository = openRepository()
  const run = (...args: readonly string[]) => runMayfly(args, repository.path)

  expect((await run('init')).exitCode).toBe(0)
  repository.git('add', '--all')
  repository.git('commit', '--quiet', '--message=First')
  repository.git('tag', 'v0.1.0')
  await run('local', 'add-image', 'ml-batch')
  expect((await run('local', 'upload-code')).exitCode).toBe(0)

  const { exitCode, stdout } = await run('local', 'run-batch', '--param', 'date=2026-11-01')
  expect(stdout).toContain('A machine for 2026-11-01\n')
  expect(exitCode).toBe(0)
})

test.each<[string, Readonly<Record<string, string>>, string, RegExp]>([
  ['nothing', {}, 'echo "A machine for $DATE"', /\[ca-certificates\]/],
  ['Python', { 'lib.py': '', 'train.py': '', 'setup.py': '' }, 'python3 train.py', /python3-venv/],
  [
    'Python with requirements',
    { 'a.py': '', 'requirements.txt': '' },
    'python3 -m venv .venv\n.venv/bin/pip install --quiet -r requirements.txt\n.venv/bin/python a.py\n',
    /python3-venv/,
  ],
  ['R', { 'features.R': '' }, 'Rscript features.R', /r-base-core/],
  ['a name for the shell to trip over', { "it's $(x).py": '' }, `python3 './it'\\''s $(x).py'`, /python3/],
])('a repository of %s gets a step and a playbook that fit', async (_, files, run, packages) => {
  await using repository = openRepository(undefined, files)
  await runMayfly(['init', '--ci=none'], repository.path)

  const { batch } = readBatch(repository.read('batch.yaml'), 'batch.yaml')
  expect(batch.steps.map((step) => step.run)).toEqual([run])
  expect(isBatch(parse(repository.read('batch.yaml')))).toBe(true)
  expect(repository.read('site.yml')).toMatch(packages)
})

test.each<[string, string | undefined, Readonly<Record<string, string>>, readonly string[]]>([
  ['GitHub', 'https://github.com/acme/shop', {}, ['github']],
  ['GitHub Enterprise', 'git@github.acme.com:ml/shop.git', {}, ['github']],
  ['no GitHub', 'https://gitea.acme.com/ml/github.git', {}, ['drone']],
  ['no remote', undefined, {}, ['github']],
  ['a Drone pipeline', 'https://github.com/acme/shop', { '.drone.yml': '' }, ['drone']],
  [
    'two systems',
    'https://gitea.acme.com/ml/shop',
    { '.drone.yml': '', '.woodpecker/a.yml': '' },
    ['drone', 'woodpecker'],
  ],
])('pipelines are for the system that the repository seems to use: %s', async (_, remote, files, ci) => {
  await using repository = openRepository(remote, { ...files, 'deep/er/file': '' })

  expect(await inspectRepository(join(repository.path, 'deep/er'))).toMatchObject({
    top: repository.path,
    ci,
  })
})

test('a file that is there stays, and what it would have been is shown', async () => {
  await using repository = openRepository(undefined, { 'batch.yaml': 'mine', '.gitignore': 'data/' })

  const { exitCode, stdout } = await runMayfly(['init', '--ci=none', '--name=shop'], repository.path)

  expect(exitCode).toBe(0)
  expect(repository.read('batch.yaml')).toBe('mine')
  expect(repository.read('.gitignore')).toBe('data/\n.mayfly/\n')
  expect(stdout).toContain('  batch.yaml  is there already, and stays as it is\n')
  expect(stdout).toContain('batch.yaml would have been:\n  # What runs')
  expect(stdout).toContain('\n  name: shop\n')

  const again = await runMayfly(['init', '--ci=none', '--name=shop', '--json'], repository.path)
  expect(JSON.parse(again.stdout)).toMatchObject({
    files: [
      { path: 'batch.yaml', fate: 'differs' },
      { path: 'site.yml', fate: 'unchanged' },
    ],
    gitignore: 'unchanged',
  })
  expect(await runMayfly(['init', '--force'], repository.path)).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining('--force: there is no such input'),
  })
})

test('a dry run says what would be written, and writes nothing', async () => {
  await using repository = openRepository()

  const { exitCode, stdout } = await runMayfly(['init', '--dry-run'], repository.path)

  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^6 files would be written\n/),
  })
  expect(existsSync(join(repository.path, 'batch.yaml'))).toBe(false)
  expect(repository.list()).toEqual([''])
})

test('all that is wrong with what was given is told at once, and nothing is written', async () => {
  await using repository = openRepository()

  const { exitCode, stderr } = await runMayfly(
    ['init', '--ci=dorne', '--bucket=No', '--zones=moon'],
    repository.path,
  )

  expect(exitCode).toBe(64)
  expect(stderr).toContain(
    '--ci: expected some of github, drone, woodpecker, none, got "dorne". Did you mean "drone"?',
  )
  expect(stderr).toContain('--bucket: expected the name of a bucket, such as acme-mayfly, got "No".')
  expect(stderr).toContain('--zones: expected a zone, such as us-central1-a, got "moon".')
  expect(repository.list()).toEqual([''])
})

const pty = findTool('script', ['script', '-qec', 'true', '/dev/null'], false)

const command = `'${process.execPath}' '${join(import.meta.dirname, '../../dist/cli/main.js')}' init --family shop`

function makeEnvironment(home: string) {
  return { PATH: process.env.PATH, HOME: home, TERM: 'dumb' }
}

testWith(pty, 'on a terminal it asks for what was not given, until the answer can be used', async () => {
  await using repository = openRepository()
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: repository.path,
    encoding: 'utf8',
    env: makeEnvironment(repository.path),
    input: 'shop-ml\n\n\nmoon\neurope-west1-b\ndrone\n',
    timeout: 20_000,
  })

  expect(stdout).toContain('Google Cloud project [acme-ml]: ')
  expect(stdout).toContain('[shop-ml-mayfly]: ')
  expect(stdout).toContain('expected a zone, such as us-central1-a, got "moon".')
  expect(stdout).not.toContain('Image family')
  expect(status).toBe(0)
  expect(repository.read('.drone.yml')).toContain('bucket: shop-ml-mayfly')
  expect(repository.read('batch.yaml')).toContain('zones: [europe-west1-b]')
})

testWith(pty, 'Ctrl-C among the questions leaves nothing written', async () => {
  await using repository = openRepository()
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: repository.path,
    env: makeEnvironment(repository.path),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')

  // Before the question, Ctrl-C would be for whoever has the terminal then.
  for await (const chunk of child.stdout)
    if (String(chunk).includes('Google Cloud project')) child.stdin.write('\u0003')

  expect(await ended).toEqual([130, null])
  expect(repository.list()).toEqual([''])
})

const ansible = findTool('ansible-playbook', ['ansible-playbook', '--version'], true)

testWith(ansible, 'the playbook is one', async () => {
  await using repository = openRepository(undefined, { 'a.R': '' })
  await runMayfly(['init', '--ci=none'], repository.path)

  const said = execFileSync('ansible-playbook', ['--syntax-check', '-i', 'localhost,', 'site.yml'], {
    cwd: repository.path,
    encoding: 'utf8',
  })
  expect(said).toContain('playbook: site.yml')
})
