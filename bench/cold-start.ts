import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { measure, median, spread } from './measure.ts'
import { printTable, showRatio } from './table.ts'
import { commitAndTag, makeFolder, root } from './workplace.ts'

const rounds = 21

/** From the start of a process to its first request, for every door, side by side with an empty script. */
export async function benchColdStart(): Promise<void> {
  await using folder = await makeFolder()
  await writeFile(join(folder.path, 'batch.yaml'), batch)
  commitAndTag(folder.path)
  const empty = join(folder.path, 'empty.mjs')
  await writeFile(empty, '')
  await using listener = await openListener()

  const figures = new Map<string, number[]>()
  const note = (name: string, ms: number) => figures.set(name, [...(figures.get(name) ?? []), ms])
  // Round by round, so that whatever else the computer does falls on all of them.
  for (let round = 0; round < rounds; round++) {
    note('empty script', (await measure({ command: process.execPath, args: [empty] })).seconds * 1000)
    for (const door of doors) {
      const child = spawn(process.execPath, door.args, {
        cwd: door.cwd ?? folder.path,
        stdio: 'ignore',
        env: { ...plainEnvironment(), ...listener.env, ...door.env },
      })
      note(door.name, await listener.awaitRequest(child))
    }
  }

  const base = median(figures.get('empty script') ?? [])
  const client = median(figures.get(bareClient) ?? [])
  printTable(`Cold start: process start to first request, median of ${rounds} [least–most]`, [
    ['door', 'ms', 'against an empty script', 'against the bare client'],
    ...[...figures].map(([name, times]) => {
      const goal = doors.find((door) => door.name === name)?.goal
      const ratio = median(times) / base
      return [
        name,
        spread(times),
        goal === undefined ? `${ratio.toFixed(2)} ×` : showRatio(ratio, goal),
        `${(median(times) / client).toFixed(2)} ×`,
      ]
    }),
  ])
}

const bareClient = '@google-cloud/storage, unbundled'

interface Door {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly goal?: number
}

function bundle(path: string): string {
  return join(root, 'dist', path)
}

const inputs = (prefix: string) => ({ [`${prefix}PROJECT`]: 'bench', [`${prefix}BUCKET`]: 'bench' })
const flags = ['--project', 'bench', '--bucket', 'bench']
const github = { GITHUB_ACTIONS: 'true', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1', ...inputs('INPUT_') }
const drone = { DRONE: 'true', DRONE_TAG: 'v1', ...inputs('PLUGIN_') }

const doors: readonly Door[] = [
  {
    name: bareClient,
    cwd: root,
    args: [
      '--input-type=module',
      '--eval',
      "import { Storage } from '@google-cloud/storage'; await new Storage({ apiEndpoint: process.env.STORAGE_EMULATOR_HOST, projectId: 'bench' }).bucket('bench').file('a').getMetadata()",
    ],
  },
  { name: 'actions/upload-code', args: [bundle('actions/upload-code/main.js')], env: github, goal: 4 },
  {
    name: 'drone-plugins/upload-code',
    args: [bundle('drone-plugins/upload-code/main.js')],
    env: drone,
    goal: 4,
  },
  { name: 'mayfly upload-code', args: [bundle('cli/main.js'), 'upload-code', 'v1', ...flags], goal: 4 },
  { name: 'actions/run-batch', args: [bundle('actions/run-batch/main.js')], env: github, goal: 8 },
  { name: 'drone-plugins/run-batch', args: [bundle('drone-plugins/run-batch/main.js')], env: drone, goal: 8 },
  { name: 'mayfly run-batch', args: [bundle('cli/main.js'), 'run-batch', ...flags], goal: 8 },
]

const batch = `name: bench
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 10m
steps: [{ run: 'true' }]
`

function plainEnvironment(): Readonly<Record<string, string | undefined>> {
  const { PATH, HOME } = process.env
  return { PATH, HOME }
}

/** A server that answers nothing; the process that asked is ended as soon as it has. */
async function openListener() {
  let arrived: () => void = () => {}
  const server = createServer(() => arrived())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { STORAGE_EMULATOR_HOST: url, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/` },
    async awaitRequest(child: ChildProcess): Promise<number> {
      const began = process.hrtime.bigint()
      const exited = once(child, 'exit')
      const asked = new Promise<void>((resolve) => {
        arrived = resolve
      })
      const early = exited.then(([code]) => {
        throw new Error(`${child.spawnargs.join(' ')} ended with ${code} and asked nothing.`)
      })
      await Promise.race([asked, early])
      const ms = Number(process.hrtime.bigint() - began) / 1e6
      early.catch(() => {})
      child.kill('SIGKILL')
      await exited
      return ms
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
