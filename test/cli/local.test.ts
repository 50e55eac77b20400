import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { findTool, testWith } from '../tools.ts'
import { openFolder, pressCtrlC, readLine, runMayfly, startCloud, startMayfly } from './mayfly.ts'

const curl = findTool('curl', ['curl', '--version'], true)

interface Serving {
  readonly url: string
  readonly pid: number
  readonly started: boolean
}

async function readServing(child: ReturnType<typeof startCloud>): Promise<Serving> {
  return JSON.parse(await readLine(child)) as Serving
}

async function readStatus(cwd: string): Promise<Serving & { running: boolean; machines: number }> {
  return JSON.parse((await runMayfly(['local', 'status', '--json'], cwd)).stdout)
}

async function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/_mayfly/health`).then(
    () => false,
    () => true,
  )
}

const machines = '/compute/v1/projects/local/zones/europe-west1-b/instances'

function insertMachine(url: string, startupScript = '') {
  const body = {
    name: 'vm',
    machineType: 'zones/europe-west1-b/machineTypes/n2-standard-2',
    disks: [
      { boot: true, autoDelete: true, initializeParams: { sourceImage: 'global/images/mayfly-local' } },
    ],
    networkInterfaces: [{}],
    metadata: { items: [{ key: 'startup-script', value: startupScript }] },
  }
  return fetch(url + machines, { method: 'POST', body: JSON.stringify(body) })
}

test('programs that start at once are served by one cloud', async () => {
  await using folder = openFolder()
  const stateDir = join(folder.path, '.mayfly')
  const clouds = [1, 2, 3, 4].map(() => startCloud(stateDir, '--idle', '30'))

  const serving = await Promise.all(clouds.map(readServing))

  expect(serving.filter(({ started }) => started)).toHaveLength(1)
  expect(new Set(serving.map(({ url, pid }) => `${url} ${pid}`)).size).toBe(1)
})

test('commands that start at once use one cloud, which outlives them', async () => {
  await using folder = openFolder()
  const ask = ['local', 'add-image', 'ml-batch', '--json']

  const answers = await Promise.all([1, 2].map(() => runMayfly(ask, folder.path)))

  expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  // One cloud: it had the image when it was asked again.
  expect(answers.map(({ stdout }) => JSON.parse(stdout).added).sort()).toEqual([false, true])
  expect((await readStatus(folder.path)).running).toBe(true)
})

test('a secret is added from a file, and a run of a batch reads its newest version', async () => {
  await using folder = openFolder()
  await writeFile(join(folder.path, 'password.txt'), 'hunter22')
  const add = ['local', 'add-secret', 'redshift-password', '--data-file', 'password.txt']
  await runMayfly(add, folder.path)
  const second = await runMayfly([...add, '--json'], folder.path)
  expect(JSON.parse(second.stdout)).toEqual({ secret: 'redshift-password', version: '2' })
  await writeFile(
    join(folder.path, 'batch.yaml'),
    `name: reads
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 10m
code: none
secrets: { PASSWORD: redshift-password }
steps: [{ run: 'printf %s "$PASSWORD" | wc -c; echo "$PASSWORD"' }]
`,
  )

  const run = await runMayfly(['local', 'run-batch'], folder.path)
  const bad = await runMayfly(['local', 'add-secret', 'a/b', '--data-file', 'password.txt'], folder.path)
  const none = await runMayfly(['local', 'add-secret', 'a', '--data-file', 'absent.txt'], folder.path)

  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('8\n***\n') })
  expect(bad).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('<secret>: Secret ids must be') })
  expect(none).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--data-file: ENOENT') })
})

test('a cloud that was killed is replaced, at the same address and with all that it kept', async () => {
  await using folder = openFolder()
  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)
  const before = await readStatus(folder.path)
  process.kill(before.pid, 'SIGKILL')
  while (!(await isGone(before.url))) await sleep(20)

  const again = await runMayfly(['local', 'add-image', 'ml-batch', '--json'], folder.path)
  const after = await readStatus(folder.path)

  expect(JSON.parse(again.stdout)).toMatchObject({ added: false })
  expect(after.url).toBe(before.url)
  expect(after.pid).not.toBe(before.pid)
})

test('an address that somebody else has taken meanwhile is not insisted on', async () => {
  await using folder = openFolder()
  await using other = openFolder()
  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)
  const { url } = await readStatus(folder.path)
  await runMayfly(['local', 'down'], folder.path)
  const squatter = startCloud(join(other.path, '.mayfly'), '--port', new URL(url).port, '--idle', '30')
  expect((await readServing(squatter)).url).toBe(url)

  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)

  expect((await readStatus(folder.path)).url).not.toBe(url)
})

test('a cloud ends by itself when nobody uses it and no machine runs', async () => {
  await using folder = openFolder()
  const cloud = startCloud(join(folder.path, '.mayfly'), '--idle', '1.5')
  const ended = once(cloud, 'exit')
  const { url } = await readServing(cloud)
  const inserted = await insertMachine(url)
  expect(await inserted.json()).toMatchObject({ kind: 'compute#operation' })

  expect(await Promise.race([ended, sleep(3000, 'serves')])).toBe('serves')
  await fetch(`${url}${machines}/vm`, { method: 'DELETE' })

  expect(await ended).toEqual([0, null])
})

test('up prints the environment; Ctrl-C ends the cloud and its machines in good order', async () => {
  await using folder = openFolder()
  const up = startMayfly(['local', 'up'], folder.path)
  const ended = once(up, 'exit')
  expect(await readLine(up)).toMatch(/^export STORAGE_EMULATOR_HOST=http:\/\/127\.0\.0\.1:\d+$/)

  const { url } = await readStatus(folder.path)
  const second = await runMayfly(['local', 'up'], folder.path)
  expect(second.stderr).toContain(`runs already at ${url}`)
  const { packer } = JSON.parse((await runMayfly(['local', 'status', '--json'], folder.path)).stdout)
  expect(second.stdout.split('\n')).toEqual([
    `export STORAGE_EMULATOR_HOST=${url}`,
    `export CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=${url}/storage/v1/`,
    `export CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE=${url}/compute/v1/`,
    `export CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER=${url}/`,
    'export CLOUDSDK_AUTH_DISABLE_CREDENTIALS=1',
    'export CLOUDSDK_CORE_PROJECT=local',
    'export MAYFLY_BUCKET=mayfly',
    '# In front of a command, such as packer build, this makes it take the local cloud for Google:',
    `# ${Object.entries(packer)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    '',
  ])

  const [started, stopped] = [join(folder.path, 'started'), join(folder.path, 'stopped')]
  await insertMachine(
    url,
    `trap 'touch ${stopped}; exit' TERM; touch ${started}; while :; do sleep 0.05; done`,
  )
  while (!existsSync(started)) await sleep(20)

  pressCtrlC(up)

  expect(await ended).toEqual([0, null])
  expect(existsSync(stopped)).toBe(true)
  expect(await isGone(url)).toBe(true)
})

test('the cloud of an up that was killed ends too', async () => {
  await using folder = openFolder()
  const up = startMayfly(['local', 'up'], folder.path)
  await readLine(up)
  const { url } = await readStatus(folder.path)

  up.kill('SIGKILL')

  while (!(await isGone(url))) await sleep(20)
})

test('down ends the cloud; asking for one that never was leaves no trace', async () => {
  await using folder = openFolder()
  await runMayfly(['local', 'status'], folder.path)
  expect((await runMayfly(['local', 'down'], folder.path)).stdout).toContain('does not run')
  expect(readdirSync(folder.path)).toEqual([])

  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)
  const { url } = await readStatus(folder.path)
  expect((await runMayfly(['local', 'down'], folder.path)).stdout).toContain('has stopped')
  expect(await isGone(url)).toBe(true)
  expect(await readStatus(folder.path)).toMatchObject({ running: false })
})

test('its state lies at the top of the repository, where git does not see it', async () => {
  await using folder = openFolder()
  execFileSync('git', ['init', '-q'], { cwd: folder.path })
  const deep = join(folder.path, 'src/deep')
  mkdirSync(deep, { recursive: true })

  await runMayfly(['local', 'add-image', 'ml-batch'], deep)

  expect(existsSync(join(folder.path, '.mayfly/endpoint.json'))).toBe(true)
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: folder.path, encoding: 'utf8' })).toBe('')
})

test('a cloud that cannot start says why', async () => {
  await using folder = openFolder()
  mkdirSync(join(folder.path, '.mayfly/lock'), { recursive: true })

  const { exitCode, stderr } = await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)

  expect(exitCode).toBe(70)
  expect(stderr).toMatch(
    /error: The local cloud ended before it answered\. .*cloud\.log says:\n(.*\n)*.*unable to open/,
  )
})

testWith(curl, 'what is printed for Packer makes a program take the local cloud for Google', async () => {
  await using folder = openFolder()
  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)
  const { stdout } = await runMayfly(['local', 'status'], folder.path)
  const prefix = stdout.trimEnd().split('\n').at(-1)?.slice('# '.length)
  const image = 'https://compute.googleapis.com/compute/v1/projects/local/global/images/family/ml-batch'

  // Not with what this computer says about authorities to curl alone.
  const env = { PATH: process.env.PATH }
  const answer = execFileSync('sh', ['-c', `${prefix} curl -sS ${image}`], { encoding: 'utf8', env })

  expect(JSON.parse(answer)).toMatchObject({ name: 'ml-batch' })
})

const gcloud = findTool('gcloud', ['gcloud', '--version'], false)

testWith(gcloud, "Google's own command line works with the environment that is printed", async () => {
  await using folder = openFolder()
  await runMayfly(['local', 'add-image', 'ml-batch'], folder.path)
  const { stdout } = await runMayfly(['local', 'status'], folder.path)
  const ask = (command: string) =>
    execFileSync('sh', ['-c', `${stdout}\n${command}`], {
      encoding: 'utf8',
      env: { ...process.env, CLOUDSDK_CONFIG: join(folder.path, 'gcloud') },
    })

  expect(ask('gcloud storage ls')).toBe('gs://mayfly/\n')
  expect(ask("gcloud compute images list --no-standard-images --format='value(name)'")).toBe(
    'mayfly-local\nml-batch\n',
  )
})
