import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, vi } from 'vitest'
import { openQemuDriver } from '../../emulator/drivers/qemu.ts'
import { startEmulator } from '../../emulator/index.ts'
import { testWith } from '../tools.ts'
import { makeBaseDisk, qemu } from './base-disk.ts'
import { machine, openCalls, until, zone } from './compute-calls.ts'
import { bootFilled, bootFrom, debian, instances, makeKey, readAddress } from './namespace-machines.ts'

// Two boots of an emulated processor, on a computer that does other things too.
vi.setConfig({ testTimeout: 400_000 })

let baseImage: string
beforeAll(async () => {
  if (qemu.found) baseImage = await makeBaseDisk()
}, 300_000)

/** What a machine asks the local cloud for, which tells that it got that far. */
const report = (name: string) =>
  `curl -fsS -o /dev/null -d '{"name":"${name}"}' http://169.254.169.253/storage/v1/b?project=acme`

async function wasReported(url: string, name: string): Promise<boolean> {
  return (await fetch(`${url}/storage/v1/b/${name}`)).ok
}

/** The processes of all machines of QEMU whose disk is below a directory. */
function findQemu(directory: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(directory, 'contents'))
    } catch {
      // Gone.
      return false
    }
  })
}

function countContents(stateDir: string): number {
  return ['disks', 'images', 'layers']
    .map((kind) => join(stateDir, 'contents', kind))
    .reduce((sum, folder) => sum + (existsSync(folder) ? readdirSync(folder).length : 0), 0)
}

testWith(
  qemu,
  'a machine boots, runs its script, lets the key in, shuts down in good order, and its disk becomes an image',
  async () => {
    await using emulator = await startEmulator({ compute: { driver: openQemuDriver(), baseImage } })
    await using key = await makeKey()
    const calls = openCalls(emulator.url)
    const remove = async (path: string) => calls.done(await calls.send('DELETE', path))
    const script = `#!/bin/sh
      hostname
      curl -fsS "$STORAGE_EMULATOR_HOST/storage/v1/b?project=acme" | grep -o storage#buckets
      https_proxy=http://169.254.169.253:3128 curl -ksS https://compute.googleapis.com/_mayfly/health; echo
      curl -sS -m 2 ${emulator.url} 2>&1 >/dev/null | grep -o 'Failed to connect\\|timed out'
      echo kept > /kept`
    const items = Object.entries({
      'startup-script': script,
      'shutdown-script': `#!/bin/sh\n${report('shut-down')}\n`,
      'ssh-keys': `me:${key.publicKey} me`,
    }).map(([name, value]) => ({ key: name, value }))

    const said = await bootFilled(calls, 'builder', script, {
      ...bootFrom(debian, false),
      metadata: { items },
    })
    expect(said).toEqual(['builder', 'storage#buckets', '{"ok":true}', expect.stringMatching(/Failed|timed/)])
    const address = await readAddress(calls, 'builder')
    expect(await key.run('me', address, 'cat /kept; sudo -n id -un; cat /proc/1/comm')).toBe(
      'kept\nroot\nsystemd\n',
    )

    await remove(`${instances}/builder`)
    expect(await wasReported(emulator.url, 'shut-down')).toBe(true)
    expect(findQemu(emulator.stateDir)).toEqual([])
    const sourceDisk = `${zone}/disks/builder`
    await calls.done(await calls.post('/global/images', { name: 'ml-v1', sourceDisk }))
    await remove(`/${sourceDisk}`)

    await remove('/global/images/ml-v1')
    expect(countContents(emulator.stateDir)).toBe(0)
    expect(emulator.compute.instances()).toEqual([])
    expect(emulator.unknown()).toEqual([])
  },
)

testWith(qemu, 'an emulator ends the machines of one that died', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-qemu-'))
  const source = `
    import { startEmulator } from ${JSON.stringify(join(import.meta.dirname, '../../emulator/index.ts'))}
    console.log((await startEmulator({ stateDir: ${JSON.stringify(stateDir)} })).url)`
  const first = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: { ...process.env, MAYFLY_MACHINE_DRIVER: 'qemu', MAYFLY_BASE_IMAGE: baseImage },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(first.stdout), 'line')) as [string]
  const calls = openCalls(url)
  expect(
    (await calls.done(await calls.post(instances, machine('vm', '', bootFrom(debian))))).error,
  ).toBeUndefined()
  first.kill('SIGKILL')
  await once(first, 'exit')
  expect(findQemu(stateDir)).toHaveLength(1)

  await using second = await startEmulator({ stateDir, compute: { driver: openQemuDriver(), baseImage } })
  expect(findQemu(stateDir)).toEqual([])
  await until(
    () =>
      second.compute.instances()[0]?.status === 'RUNNING' ||
      second.compute.instances()[0]?.status === 'TERMINATED',
  )
  await rm(stateDir, { recursive: true })
})

testWith(qemu, 'a machine that cannot boot says why, and is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-qemu-'))
  mkdirSync(join(folder, 'root'))
  await using emulator = await startEmulator({ compute: { driver: openQemuDriver(), baseImage: folder } })
  const calls = openCalls(emulator.url)
  const done = await calls.done(await calls.post(instances, machine('vm', '', bootFrom(debian))))
  expect(JSON.stringify(done.error)).toContain(
    `${folder}/disk.qcow2 is missing; scripts/make-base-image --disk`,
  )
  expect(emulator.compute.instances()).toEqual([])
  await rm(folder, { recursive: true })
})
