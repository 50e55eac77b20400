import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startEmulator } from '../emulator/index.ts'
import { measure } from './measure.ts'
import { printTable } from './table.ts'
import { makeFolder, root } from './workplace.ts'

const zones = ['us-central1-a', 'us-central1-b', 'us-central1-c', 'us-central1-f']
const count = { theirs: 9900, live: 50, expired: 50 }
const goal = { seconds: 10, peakMb: 150 }

/** A sweep of a project with ten thousand machines, of which few are Mayfly's and fewer are over. */
export async function benchSweep(): Promise<void> {
  await using folder = await makeFolder()
  const seed = await makeSeed(folder.path)
  const now = Math.floor(Date.now() / 1000)
  const ours = (deadline: number) => ({ tool: 'mayfly', 'mayfly-deadline': String(deadline) })
  let number = 0
  const add = async (amount: number, labels: Readonly<Record<string, string>>) => {
    for (let added = 0; added < amount; added++) await copySeed(folder.path, seed, number++, labels)
  }
  await add(count.theirs, { team: 'other' })
  await add(count.live, ours(now + 86_400))
  await add(count.expired, ours(now - 3600))

  await using google = await startEmulator({ stateDir: folder.path })
  await fetch(`${google.url}/storage/v1/b?project=bench`, { method: 'POST', body: '{"name":"bench"}' })
  const sweep = (...flags: readonly string[]) =>
    measure({
      command: process.execPath,
      args: [
        join(root, 'dist/cli/main.js'),
        'sweep',
        '--project',
        'bench',
        '--bucket',
        'bench',
        '--json',
        ...flags,
      ],
      env: {
        STORAGE_EMULATOR_HOST: google.url,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${google.url}/compute/v1/`,
      },
    })
  const asked = () => google.requests().length
  const begun = asked()
  const plan = await sweep('--dry-run')
  const planned = asked()
  const swept = await sweep()
  const removed = (JSON.parse(swept.stdout) as { removed: readonly object[] }).removed.length
  if (removed !== count.expired)
    throw new Error(`${removed} machines were removed, and ${count.expired} were over.`)
  const judge = (figure: number, most: number) => `${most}${figure < most ? '' : ' MISSED'}`
  printTable(`sweep of ${number} machines, ${count.live} of ours alive and ${count.expired} over`, [
    ['', 'plan', 'sweep', 'goal, below'],
    ['seconds', plan.seconds.toFixed(1), swept.seconds.toFixed(1), judge(swept.seconds, goal.seconds)],
    ['MB at the highest', plan.peakMb.toFixed(0), swept.peakMb.toFixed(0), judge(swept.peakMb, goal.peakMb)],
    ['API calls', String(planned - begun), String(asked() - planned), ''],
  ])
}

/** Records of a machine and its disk, as the local cloud keeps them. */
interface Seed {
  readonly instance: string
  readonly disk: string
}

const seedName = 'seed-of-all'
const seedZone = 'us-central1-a'

function fileOf(stateDir: string, zone: string, kind: 'instances' | 'disks', name: string): string {
  return join(stateDir, 'compute/projects/bench/zones', zone, kind, `${name}.json`)
}

async function makeSeed(stateDir: string): Promise<Seed> {
  await using google = await startEmulator({ stateDir })
  const zone = `${google.url}/compute/v1/projects/bench/zones/${seedZone}`
  const post = async (url: string, body: object) =>
    (await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()) as { name: string }
  const { name } = await post(`${zone}/instances`, {
    name: seedName,
    machineType: `zones/${seedZone}/machineTypes/e2-small`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage: 'projects/bench/global/images/family/mayfly-local' },
      },
    ],
    networkInterfaces: [{ network: 'global/networks/default' }],
  })
  await post(`${zone}/operations/${name}/wait`, {})
  const read = (kind: 'instances' | 'disks') => readFile(fileOf(stateDir, seedZone, kind, seedName), 'utf8')
  return { instance: await read('instances'), disk: await read('disks') }
}

async function copySeed(
  stateDir: string,
  seed: Seed,
  number: number,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const zone = zones[number % zones.length] as string
  const name = `machine-${number}`
  const copy = async (kind: 'instances' | 'disks', text: string, id: number) => {
    const record = JSON.parse(text.replaceAll(seedName, name).replaceAll(seedZone, zone)) as {
      readonly local?: object
    }
    const local = record.local && { local: { project: 'bench', zone } }
    const file = fileOf(stateDir, zone, kind, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify({ ...record, id: String(id), labels, ...local }))
  }
  await copy('instances', seed.instance, 10 ** 15 + number)
  await copy('disks', seed.disk, 2 * 10 ** 15 + number)
}
