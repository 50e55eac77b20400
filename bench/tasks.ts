import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Emulator, startEmulator } from '../emulator/index.ts'
import { measure } from './measure.ts'
import { printTable } from './table.ts'
import { makeFolder, root } from './workplace.ts'

const isLarge = process.argv.includes('--large')

/** What a controller adds to a job of tasks that do nothing, and what it takes to follow ever larger ones. */
export async function benchTasks(): Promise<void> {
  await benchRealTasks(isLarge ? 1000 : 100)
  await benchPlayedTasks([100, 1000, 10_000])
}

async function benchRealTasks(count: number): Promise<void> {
  await using google = await startEmulator({ compute: { delayMs: 0 } })
  const { seconds, peakMb, controllerLists } = await runJob(google, count, 4)
  const [job] = await listJobs(google)
  const events = job?.status.statusEvents ?? []
  const jobSeconds = (Date.parse(events.at(-1)?.eventTime ?? '') - Date.parse(job?.createTime ?? '')) / 1000
  const added = (seconds - jobSeconds) / jobSeconds
  const goal = added < 0.1 ? '10 %' : '10 % MISSED'
  printTable(`A job of ${count} tasks that do nothing, 4 at once, in a local cloud`, [
    ['', 'figure', 'goal, at most'],
    ['seconds of the job, by its own times', jobSeconds.toFixed(1), ''],
    ['seconds of run-batch, from its start to its exit', seconds.toFixed(1), ''],
    ['what run-batch adds', `${(added * 100).toFixed(1)} %`, goal],
    ['memory of run-batch, MB', peakMb.toFixed(0), peakMb < 150 ? '150' : '150 MISSED'],
    ['list calls of run-batch a second, at most', String(findBusiest(controllerLists)), '1'],
  ])
}

/** Their machines are played: what they would write is written, fifty tasks a second at least. */
async function benchPlayedTasks(counts: readonly number[]): Promise<void> {
  const figures: (readonly string[])[] = []
  for (const count of counts) {
    await using google = await startEmulator({ compute: { delayMs: 0 } })
    // Machines boot and are never heard of.
    google.compute.silence(1_000_000)
    const playing = playTasks(google, count)
    const { seconds, peakMb, calls, controllerLists } = await runJob(google, count, 10)
    await playing
    figures.push([
      String(count),
      seconds.toFixed(0),
      peakMb.toFixed(0),
      (calls / seconds).toFixed(2),
      String(findBusiest(controllerLists)),
    ])
  }
  printTable('Following jobs whose tasks end over half a minute', [
    ['tasks', 'seconds', 'memory, MB', 'calls a second', 'lists in the busiest second'],
    ...figures,
  ])
}

async function runJob(google: Emulator, count: number, parallelism: number) {
  await using folder = await makeFolder()
  const batch = `name: bench
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 10m
code: none
engine: cloud-batch
tasks: { count: ${count}, parallelism: ${parallelism} }
steps: [{ run: ':' }]
`
  await writeFile(join(folder.path, 'batch.yaml'), batch)
  await fetch(`${google.url}/storage/v1/b?project=bench`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"bench"}',
  })
  const cost = await measure({
    command: process.execPath,
    args: [
      join(root, 'dist/cli/main.js'),
      ...['run-batch', '--key', 'bench', '--project', 'bench', '--bucket', 'bench'],
    ],
    cwd: folder.path,
    env: {
      STORAGE_EMULATOR_HOST: google.url,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${google.url}/compute/v1/`,
    },
  })
  // Of its own: this program and the machines have other names.
  const own = google.requests().filter(({ userAgent }) => /^mayfly\//.test(userAgent))
  const controllerLists = own.filter(({ name }) => name === 'storage.objects.list').map(({ time }) => time)
  return { ...cost, calls: own.length, controllerLists }
}

/** The most in any second. */
function findBusiest(times: readonly number[]): number {
  return Math.max(
    0,
    ...times.map((start) => times.filter((time) => time >= start && time < start + 990).length),
  )
}

interface Job {
  readonly name: string
  readonly createTime: string
  readonly status: { readonly statusEvents: readonly { readonly eventTime: string }[] }
}

async function listJobs({ url }: Emulator): Promise<readonly Job[]> {
  const answer = await fetch(`${url}/v1/projects/bench/locations/us-central1/jobs`)
  const { jobs = [] } = (await answer.json()) as { jobs?: readonly Job[] }
  return jobs
}

async function playTasks(google: Emulator, count: number): Promise<void> {
  let job: Job | undefined
  while (job === undefined) {
    await sleep(100)
    ;[job] = await listJobs(google)
  }
  // mayfly-<batch>-<id>-a1
  const id = job.name
    .split('/')
    .at(-1)
    ?.replace(/^mayfly-bench-|-a1$/g, '')
  const began = Date.now()
  for (let index = 0; index < count; index++) {
    const due = began + (index / count) * 30_000
    if (due > Date.now()) await sleep(due - Date.now())
    const task = String(index).padStart(6, '0')
    const name = `tasks/bench/${id}/a1/ended/${String(Date.now()).padStart(14, '0')}-t${task}-a1`
    const metadata = { name, metadata: { state: 'succeeded', exitCode: '0', message: 'The step succeeded.' } }
    await upload(google, metadata)
  }
}

async function upload({ url }: Emulator, resource: object): Promise<void> {
  const part = (type: string, body: string) => `--b\r\ncontent-type: ${type}\r\n\r\n${body}\r\n`
  const body = `${part('application/json', JSON.stringify(resource))}${part('text/plain', '')}--b--`
  const answer = await fetch(`${url}/upload/storage/v1/b/bench/o?uploadType=multipart`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/related; boundary=b' },
    body,
  })
  if (!answer.ok) throw new Error(await answer.text())
}
