import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/index.ts'

const root = join(import.meta.dirname, '../..')

/** What a command line came to. */
export interface Ending {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly child: ChildProcess
  /** Resolves once what was said matches. */
  says(pattern: RegExp): Promise<void>
  readonly ended: Promise<Ending>
}

/** A local Google Cloud with a bucket, and a git repository with a tag, for one test. */
export interface Stage extends AsyncDisposable {
  readonly google: Emulator
  readonly repository: string
  /** Points a program at the cloud. */
  readonly env: Readonly<Record<string, string>>
  git(...args: readonly string[]): string
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Commits what is there and tags it. */
  tag(name: string): void
  start(...args: readonly string[]): Running
  mayfly(...args: readonly string[]): Promise<Ending>
  /** Names of all objects of the bucket. */
  objects(): Promise<readonly string[]>
  read(name: string): Promise<string>
  /** What every end of a test asks: no machine, no disk, and nothing asked that the cloud does not know. */
  expectNothingLeft(): void
}

/** A batch of steps on the local cloud's own image, without code unless asked for. */
export function writeBatch(parts: {
  readonly steps: string
  readonly more?: string
  readonly timeout?: string
}): string {
  const { steps, more = 'code: none', timeout = '10m' } = parts
  return `name: test
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a, us-central1-b] }
timeout: ${timeout}
${more}
steps:
${steps}
`
}

/** Sets a stage up; disposing of it ends every process that it started. */
export async function setStage(options: EmulatorOptions = {}): Promise<Stage> {
  const google = await startEmulator(options)
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-stage-'))
  const repository = join(folder, 'recommender')
  const home = join(folder, 'home')
  await mkdir(home)
  await mkdir(repository)
  const { PATH = '' } = process.env
  const env = {
    PATH,
    HOME: home,
    // What a killed program leaves goes with the stage.
    TMPDIR: folder,
    USER: 'ada',
    NO_COLOR: '1',
    STORAGE_EMULATOR_HOST: google.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${google.url}/compute/v1/`,
    GOOGLE_CLOUD_PROJECT: 'acme',
    MAYFLY_BUCKET: 'depot',
  }
  const ask = (path: string, init?: RequestInit) => fetch(`${google.url}${path}`, init)
  await ask('/storage/v1/b?project=acme', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"depot"}',
  })
  const children: ChildProcess[] = []

  const stage: Stage = {
    google,
    repository,
    env,
    git: (...args) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
        cwd: repository,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(repository, name)), { recursive: true })
        await writeFile(join(repository, name), text)
      }
    },
    tag(name) {
      stage.git('add', '--all')
      stage.git('commit', '--quiet', '--allow-empty', `--message=${name}`)
      stage.git('tag', name)
    },
    start(...args) {
      const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
        cwd: repository,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      return watch(child)
    },
    mayfly: (...args) => stage.start(...args).ended,
    async objects() {
      const reply = await ask('/storage/v1/b/depot/o?maxResults=1000')
      const { items = [] } = (await reply.json()) as { items?: { name: string }[] }
      return items.map(({ name }) => name)
    },
    async read(name) {
      return (await ask(`/storage/v1/b/depot/o/${encodeURIComponent(name)}?alt=media`)).text()
    },
    expectNothingLeft() {
      expect(google.compute.instances()).toEqual([])
      expect(google.unknown()).toEqual([])
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
      await google[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  stage.git('init', '--quiet', '--initial-branch=main')
  return stage
}

function watch(child: ChildProcess): Running {
  const said = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      for (const listener of listeners) listener()
    })
  }
  return {
    child,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(said.stdout) && !pattern.test(said.stderr)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
        child.once('close', () =>
          reject(new Error(`ended without saying ${pattern}:\n${said.stdout}${said.stderr}`)),
        )
      }),
    ended: once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, ...said })),
  }
}

/** What points a program at the cloud, without what only a terminal would have. */
export function pointers({
  STORAGE_EMULATOR_HOST = '',
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE = '',
}: Stage['env']) {
  return { STORAGE_EMULATOR_HOST, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE }
}

/** For Packer, the local cloud is Google. */
export async function pointPacker({ google, env }: Stage): Promise<void> {
  const { url, caFile, credentialsFile } = await google.openProxy()
  Object.assign(env, {
    HTTPS_PROXY: url,
    NO_PROXY: '127.0.0.1,localhost',
    SSL_CERT_FILE: caFile,
    GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
  })
}
