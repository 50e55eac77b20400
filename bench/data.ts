import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Outcome } from '../core/tasks/run-batch/outcome.ts'
import { type Emulator, startEmulator } from '../emulator/index.ts'
import { bigtable, startBigtable } from '../test/machine/bigtable-server.ts'
import { findTool } from '../test/tools.ts'
import { printTable } from './table.ts'
import { makeFolder, root } from './workplace.ts'

const goalMb = 250
const rows = 100_000
const large = process.argv.includes('--large') ? 4096 : 1024

/** What a machine stores and fetches, against Google's own programs on the same cloud. */
export async function benchData(): Promise<void> {
  await benchFiles()
  await benchRows()
}

/** A program's time, processor time and memory at its highest. */
interface Figures {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb?: number
}

async function benchFiles(): Promise<void> {
  const gcloud = findTool('gcloud', ['gcloud', '--version'], false)
  const table = [['', 'seconds', 'CPU seconds', 'MB at the highest', 'goal']]
  for (const [what, make] of [
    ['10,000 files of 4 kB', makeSmallFiles],
    [`${large} MB in 4 files`, makeLargeFiles],
  ] as const) {
    await using folder = await makeFolder()
    const source = join(folder.path, 'data')
    await make(source)
    await using google = await startEmulator()
    await makeBucket(google)
    const stored = await runAgent(
      google,
      folder.path,
      'store',
      `cp -rl "${source}" data`,
      'outputs: [{ path: data }]',
    )
    const run = stored.outcome.run
    const fetched = await runAgent(
      google,
      folder.path,
      'fetch',
      'true',
      `inputs: [{ from: "run:store/${run.split('/').at(-1)}/data", to: data }]`,
    )
    const theirs = gcloud.found ? await copyByGcloud(google, folder.path, source) : undefined
    const ours = readFigures(stored, 'outputs')
    const goal =
      theirs === undefined ? '' : judge(ours.seconds <= theirs.seconds && ours.cpuSeconds < theirs.cpuSeconds)
    table.push(
      show(`${what}: outputs`, ours, [`as fast as gcloud, with less CPU${goal}`, `below ${goalMb} MB`]),
      show(`${what}: inputs`, readFigures(fetched, 'inputs'), [`below ${goalMb} MB`]),
      theirs === undefined
        ? [`${what}: gcloud storage cp -r`, 'gcloud is not on this machine', '', '', '']
        : show(`${what}: gcloud storage cp -r`, theirs, []),
    )
  }
  printTable('Files between a machine and the local cloud, which share the two cores', table)
}

async function benchRows(): Promise<void> {
  const title = `${rows} rows of 4 columns to Google's Bigtable emulator`
  if (!bigtable.found) return console.log(`\n${title}: skipped, ${bigtable.name} is not on this machine`)
  await using folder = await makeFolder()
  const lines = Array.from({ length: rows }, (_, n) => `user-${n},${n / 7},${n % 100},text of row ${n}`)
  const file = join(folder.path, 'rows.csv')
  await writeFile(file, ['user_id,score,rank,note', ...lines, ''].join('\n'))
  // cbt wants the key's column without a name.
  const theirFile = join(folder.path, 'theirs.csv')
  await writeFile(theirFile, [',score,rank,note', ...lines, ''].join('\n'))
  await using server = await startBigtable()
  for (const table of ['ours', 'theirs']) server.cbt('createtable', table, 'families=s')
  await using google = await startEmulator()
  await makeBucket(google)
  const stored = await runAgent(
    google,
    folder.path,
    'rows',
    `cp "${file}" rows.csv`,
    `env: { BIGTABLE_EMULATOR_HOST: "${server.host}" }\noutputs: [{ path: rows.csv, to: "bigtable://acme/serving/ours", key: user_id, family: s }]`,
  )
  const theirs = await time(
    folder.path,
    'cbt',
    [
      '-project',
      'acme',
      '-instance',
      'serving',
      'import',
      'theirs',
      theirFile,
      'column-family=s',
      'workers=4',
    ],
    {
      BIGTABLE_EMULATOR_HOST: server.host,
    },
  )
  for (const table of ['ours', 'theirs'])
    if (server.cbt('count', table).trim() !== String(rows)) throw new Error(`Not all rows are in ${table}.`)
  const ours = readFigures(stored, 'outputs')
  const goal = `as fast as cbt${judge(ours.seconds <= theirs.seconds)}`
  printTable(title, [
    ['', 'seconds', 'CPU seconds', 'MB at the highest', 'goal'],
    show('outputs', ours, [goal, `below ${goalMb} MB`]),
    show('cbt import', theirs, []),
  ])
}

function show(name: string, { seconds, cpuSeconds, peakMb }: Figures, goals: readonly string[]): string[] {
  const memory = peakMb === undefined ? '' : `${peakMb.toFixed(0)}${judge(peakMb < goalMb)}`
  return [name, seconds.toFixed(1), cpuSeconds.toFixed(1), memory, goals.join(', ')]
}

function judge(reached: boolean): string {
  return reached ? '' : ' MISSED'
}

interface AgentRun {
  readonly outcome: Outcome
  readonly cpuSeconds: number
  readonly peakMb: number
}

function readFigures({ outcome, cpuSeconds, peakMb }: AgentRun, phase: string): Figures {
  const seconds = outcome.phases.find(({ name }) => name === phase)?.seconds ?? Number.NaN
  return { seconds, cpuSeconds, peakMb }
}

/** Runs a batch of one step, and watches the agent that does it. */
async function runAgent(
  google: Emulator,
  cwd: string,
  name: string,
  step: string,
  more: string,
): Promise<AgentRun> {
  const batch = `name: ${name}
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 1h
code: none
${more}
steps: [{ run: ${JSON.stringify(step)} }]
`
  await writeFile(join(cwd, 'batch.yaml'), batch)
  const args = ['run-batch', 'batch.yaml', '--json', '--project', 'bench', '--bucket', 'bench', '--key', name]
  const ended = promisify(execFile)(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd,
    maxBuffer: 1 << 26,
    env: {
      ...process.env,
      STORAGE_EMULATOR_HOST: google.url,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${google.url}/compute/v1/`,
    },
  })
  const watch = watchAgent(google)
  const { stdout } = await ended.finally(() => watch.end())
  return { outcome: JSON.parse(stdout) as Outcome, ...watch.figures() }
}

/** Memory and processor time of the one agent that runs, from /proc; zero where there is none. */
function watchAgent(google: Emulator) {
  let cpuSeconds = 0
  let peakMb = 0
  const look = async () => {
    for (const { id } of google.compute.instances()) {
      const agent = join(google.stateDir, 'machines', id, 'mayfly/agent.mjs')
      const { stdout } = await promisify(execFile)('pgrep', ['-f', agent]).catch(() => ({ stdout: '' }))
      for (const pid of stdout.split('\n').filter(Boolean)) read(pid)
    }
  }
  const read = (pid: string) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      // In ticks of the kernel, of which a second has 100.
      cpuSeconds = Math.max(cpuSeconds, (Number(fields[11]) + Number(fields[12])) / 100)
      const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      peakMb = Math.max(peakMb, Number(peak ?? 0) / 1024)
    } catch {
      // It ended between two looks.
    }
  }
  const timer = setInterval(() => void look(), 100)
  return { end: () => clearInterval(timer), figures: () => ({ cpuSeconds, peakMb }) }
}

function copyByGcloud(google: Emulator, cwd: string, source: string): Promise<Figures> {
  return time(cwd, 'gcloud', ['storage', 'cp', '-r', source, 'gs://bench/gcloud/'], {
    CLOUDSDK_CONFIG: join(cwd, 'gcloud'),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${google.url}/storage/v1/`,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
    CLOUDSDK_CORE_PROJECT: 'bench',
  })
}

/** Seconds and processor seconds of a program and its children, as a shell counts them. */
async function time(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Figures> {
  const began = performance.now()
  const script = '"$@" >&2 && times'
  const { stdout } = await promisify(execFile)('sh', ['-c', script, 'sh', program, ...args], {
    cwd,
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
  })
  const seconds = (performance.now() - began) / 1000
  // The second line is the children's: user and system.
  const times = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  const cpuSeconds = times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0)
  return { seconds, cpuSeconds }
}

async function makeBucket({ url }: Emulator): Promise<void> {
  await fetch(`${url}/storage/v1/b?project=bench`, { method: 'POST', body: '{"name":"bench"}' })
}

async function makeSmallFiles(folder: string): Promise<void> {
  for (let directory = 0; directory < 100; directory++) {
    const path = join(folder, `part-${directory}`)
    await mkdir(path, { recursive: true })
    for (let file = 0; file < 100; file++)
      await writeFile(join(path, `${file}.txt`), randomBytes(2048).toString('hex'))
  }
}

async function makeLargeFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let file = 0; file < 4; file++) {
    const path = join(folder, `${file}.bin`)
    for (let megabytes = 0; megabytes < large / 4; megabytes += 32)
      await writeFile(path, randomBytes(32 << 20), { flag: 'a' })
  }
}
