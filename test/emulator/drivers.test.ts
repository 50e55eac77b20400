import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test, vi } from 'vitest'
import { openProcessDriver } from '../../emulator/drivers/process.ts'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/index.ts'
import { findTool, testWith } from '../tools.ts'
import { type Calls, machine, openCalls, until, zone } from './compute-calls.ts'
import { openPushedClock } from './compute-clock.ts'

afterEach(() => void vi.unstubAllEnvs())

const setsid = findTool('setsid', ['setsid', 'true'], false)
const tmpfs = findTool(
  'the right to mount a tmpfs',
  ['sh', '-c', 'd=$(mktemp -d); mount -t tmpfs none "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s'],
  false,
)
const instances = `/${zone}/instances`

/** Boots a machine that runs a script; gives its directory. */
async function boot(emulator: Emulator, script: string, members: object = {}) {
  const calls = openCalls(emulator.url)
  const done = await calls.done(await calls.post(instances, machine('vm', script, members)))
  expect(done.error).toBeUndefined()
  const directory = join(emulator.stateDir, 'machines', String(done.targetId))
  const readFile = (name: string) => {
    const path = join(directory, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  return { calls, directory, readFile, serial: () => readSerial(calls) }
}

async function readSerial(calls: Calls): Promise<string> {
  return (await calls.get(`${instances}/vm/serialPort`)).json.contents
}

/** What the script said, without the journal's prefixes. */
async function readOutput(calls: Calls): Promise<string[]> {
  const text = await until(async () => {
    const serial = await readSerial(calls)
    return serial.includes('Finished running startup scripts.') && serial
  })
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^.{15} vm google_metadata_script_runner\[\d+\]: /, ''))
}

function isRunning(pid: string): boolean {
  // One that nobody has reaped yet runs no more.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : ''
  return stat !== '' && !/\) [ZX] /.test(stat)
}

test('a machine runs its startup script and says so on the serial port', async () => {
  await using emulator = await startEmulator()
  const script = '#!/bin/sh\necho one\necho two >/dev/stderr\nprintf "three\\r\\n"\nprintf last\nexit 3\n'
  const { calls } = await boot(emulator, script)

  expect(await readOutput(calls)).toEqual([
    'Starting startup scripts (version dev).',
    'Found startup-script in metadata.',
    'startup-script: one',
    'startup-script: two',
    'startup-script: three',
    'startup-script: last',
    'startup-script exit status 3',
    'Finished running startup scripts.',
  ])
  // Its end is not the machine's.
  expect((await calls.get(`${instances}/vm`)).json.status).toBe('RUNNING')
})

test('a machine has an environment of its own, its metadata, and the storage of the emulator', async () => {
  vi.stubEnv('MAYFLY_CONTAINER_RUNTIME', 'podman')
  vi.stubEnv('OF_THE_HOST', 'secret')
  await using emulator = await startEmulator()
  const script = `#!/usr/bin/env node
    const { env } = process
    const flavor = { headers: { 'Metadata-Flavor': 'Google' } }
    const metadata = \`http://\${env.GCE_METADATA_HOST}/computeMetadata/v1\`
    const name = await (await fetch(\`\${metadata}/instance/name\`, flavor)).text()
    await fetch(\`\${env.STORAGE_EMULATOR_HOST}/storage/v1/b?project=acme\`, {
      method: 'POST', body: JSON.stringify({ name: 'of-' + name }),
    })
    const place = process.cwd() === env.HOME && env.TMPDIR.startsWith(env.HOME)
    console.log(place, env.MAYFLY_CONTAINER_RUNTIME, env.OF_THE_HOST, env.CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE)`
  const { calls } = await boot(emulator, script)

  expect(await readOutput(calls)).toContain(
    `startup-script: true podman undefined ${emulator.url}/compute/v1/`,
  )
  expect((await fetch(`${emulator.url}/storage/v1/b/of-vm`)).status).toBe(200)
})

test('a script without a #! line is for bash', async () => {
  await using emulator = await startEmulator()
  const { calls } = await boot(emulator, 'words=(a b)\necho ${words[1]}\n')
  expect(await readOutput(calls)).toContain('startup-script: b')
})

test("a line of 64 KiB ends a script, as Google's runner does it", async () => {
  await using emulator = await startEmulator()
  // A progress bar without a line end; the next write after the reader has gone is the last.
  const script = `#!/bin/bash
    echo $$ > pid
    head -c 65535 /dev/zero | tr '\\0' x; echo
    head -c 65536 /dev/zero | tr '\\0' x
    while sleep 0.01; do printf .; done`
  const { calls, readFile } = await boot(emulator, script)

  const output = await readOutput(calls)
  expect(output.at(-3)).toHaveLength('startup-script: '.length + 65535)
  expect(output.at(-2)).toBe('startup-script bufio.Scanner: token too long')
  await until(() => !isRunning(readFile('pid').trim()))
})

testWith(
  setsid,
  'when its time is up, nothing of a machine is left, wherever its processes went',
  async () => {
    const clock = openPushedClock()
    await using emulator = await startEmulator({ compute: { clock, shutdownMs: 50 } })
    const leave = "sh -c 'echo $$ >> pids; exec sleep 1000'"
    const script = `#!/bin/bash
    ${leave} &
    setsid ${leave} &
    (env -i PATH=$PATH setsid ${leave} >/dev/null 2>&1 &)
    (setsid nohup ${leave} </dev/null >/dev/null 2>&1 &)
    until [ "$(wc -l < pids)" = 4 ]; do sleep 0.01; done
    echo $$ > leader
    trap '' TERM
    sleep 1000`
    const { calls, directory, readFile } = await boot(emulator, script, {
      scheduling: { maxRunDuration: { seconds: 30 }, instanceTerminationAction: 'DELETE' },
    })
    const leader = (await until(() => readFile('leader'))).trim()
    const pids = [leader, ...readFile('pids').trim().split('\n')]
    expect(pids.map(isRunning)).toEqual(pids.map(() => true))

    clock.push(30_000)
    await until(async () => (await calls.get(`${instances}/vm`)).status === 404)
    expect(pids.filter(isRunning)).toEqual([])
    expect(existsSync(directory)).toBe(false)
    expect(emulator.compute.instances()).toEqual([])
    expect(emulator.compute.disks()).toEqual([])
    const operations = (await calls.get(`/${zone}/operations`)).json.items ?? []
    expect(operations.map(({ operationType, user }) => [operationType, user])).toContainEqual([
      'delete',
      'system',
    ])
  },
)

test('stopping asks first, and waits for an answer', async () => {
  await using emulator = await startEmulator({ compute: { shutdownMs: 20_000 } })
  const script = `#!/bin/bash
    trap 'echo bye > said; kill %1; exit 0' TERM
    sleep 1000 &
    touch ready
    wait`
  const { calls, readFile, directory } = await boot(emulator, script)
  await until(() => existsSync(join(directory, 'ready')))
  await calls.done(await calls.post(`${instances}/vm/stop`))

  expect(readFile('said')).toBe('bye\n')
  expect((await calls.get(`${instances}/vm`)).json.status).toBe('TERMINATED')
  expect((await calls.get(`${instances}/vm/serialPort`)).json).toMatchObject({ error: { code: 400 } })
})

test('a machine that is started again runs its script on the same disk, with the metadata of now', async () => {
  await using emulator = await startEmulator()
  const { calls, readFile } = await boot(emulator, '#!/bin/sh\necho $0 >> boots\n')
  await until(() => readFile('boots').split('\n').length === 2)
  await calls.done(await calls.post(`${instances}/vm/stop`))

  const { metadata } = (await calls.get(`${instances}/vm`)).json as { metadata?: { fingerprint: string } }
  const items = [{ key: 'startup-script', value: '#!/bin/sh\necho again >> boots\n' }]
  await calls.done(await calls.post(`${instances}/vm/setMetadata`, { ...metadata, items }))
  await calls.done(await calls.post(`${instances}/vm/start`))
  await until(() => readFile('boots').endsWith('again\n'))
  await calls.done(await calls.post(`${instances}/vm/reset`))
  await until(() => readFile('boots').endsWith('again\nagain\n'))
})

test('an emulator that ends takes its machines with it', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-drivers-'))
  const emulator = await startEmulator({ stateDir })
  const { readFile } = await boot(emulator, '#!/bin/sh\necho $$ > pid\nexec sleep 1000\n')
  const pid = (await until(() => readFile('pid'))).trim()
  await emulator[Symbol.asyncDispose]()
  expect(isRunning(pid)).toBe(false)

  await using next = await startEmulator({ stateDir })
  expect(next.compute.instances()).toMatchObject([{ name: 'vm', status: 'TERMINATED' }])
  await rm(stateDir, { recursive: true })
})

testWith(tmpfs, 'a machine whose disk is full goes on, and is removed like any other', async () => {
  const driver = openProcessDriver({ diskBytes: 256 * 1024 })
  await using emulator = await startEmulator({ compute: { driver } })
  const script = '#!/bin/sh\nhead -c 1000000 /dev/zero > big\necho status $?\nwc -c < big\n'
  const { calls, directory } = await boot(emulator, script)
  const output = await readOutput(calls)
  expect(output).toContain('startup-script: status 1')
  expect(Number(output.at(-3)?.split(': ')[1])).toBeLessThan(256 * 1024)

  await calls.done(await calls.send('DELETE', `${instances}/vm`))
  expect(existsSync(directory)).toBe(false)
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(directory)
})

/** An emulator in a process of its own, to be killed. */
async function spawnEmulator(options: EmulatorOptions): Promise<{ url: string; process: ChildProcess }> {
  const source = `
    import { startEmulator } from ${JSON.stringify(join(import.meta.dirname, '../../emulator/index.ts'))}
    const emulator = await startEmulator(${JSON.stringify(options)})
    console.log(emulator.url)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { url, process: child }
}

testWith(setsid, 'an emulator ends the machines of one that died', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-drivers-'))
  const first = await spawnEmulator({ stateDir })
  const calls = openCalls(first.url)
  const pidsOf: Record<string, string> = {}
  const limits = { kept: 3600, expired: 30 }
  for (const [name, seconds] of Object.entries(limits)) {
    const script = "#!/bin/sh\nsetsid sh -c 'echo $$ > pid; exec sleep 1000' &\nsleep 1000\n"
    const scheduling = { maxRunDuration: { seconds }, instanceTerminationAction: 'DELETE' }
    const done = await calls.done(await calls.post(instances, machine(name, script, { scheduling })))
    const file = join(stateDir, 'machines', String(done.targetId), 'pid')
    pidsOf[name] = (await until(() => existsSync(file) && readFileSync(file, 'utf8'))).trim()
  }
  first.process.kill('SIGKILL')
  await once(first.process, 'exit')
  expect(Object.values(pidsOf).map(isRunning)).toEqual([true, true])

  // The second one's clock is past the first limit, and not past the second.
  const now = Date.now() + 60_000
  await using second = await startEmulator({ stateDir, now: () => now })
  expect(Object.values(pidsOf).filter(isRunning)).toEqual([])
  await until(() => second.compute.instances().length === 1)
  expect(second.compute.instances()).toMatchObject([{ name: 'kept', status: 'TERMINATED' }])
  expect(second.compute.disks()).toMatchObject([{ name: 'kept' }])
  await rm(stateDir, { recursive: true })
})

test('two emulators on one directory know the same machines, and either ends them', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-drivers-'))
  const first = await spawnEmulator({ stateDir })
  const calls = openCalls(first.url)
  const done = await calls.done(
    await calls.post(instances, machine('vm', '#!/bin/sh\necho $$ > pid\nexec sleep 1000\n')),
  )
  const file = join(stateDir, 'machines', String(done.targetId), 'pid')
  const pid = (await until(() => existsSync(file) && readFileSync(file, 'utf8'))).trim()

  await using second = await startEmulator({ stateDir })
  const others = openCalls(second.url)
  expect((await others.get(`${instances}/vm`)).json.status).toBe('RUNNING')
  expect(isRunning(pid)).toBe(true)
  await others.done(await others.send('DELETE', `${instances}/vm`))
  expect(isRunning(pid)).toBe(false)
  expect((await calls.get(`${instances}/vm`)).status).toBe(404)
  first.process.kill('SIGKILL')
  await once(first.process, 'exit')
  await rm(stateDir, { recursive: true })
})
