import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect } from 'vitest'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { startEmulator } from '../../emulator/index.ts'
import { testWith } from '../tools.ts'
import { makeBaseImage, namespaces } from './base-image.ts'
import { openCalls, until } from './compute-calls.ts'
import { openPushedClock } from './compute-clock.ts'
import { bootFilled, findTenants, instances } from './namespace-machines.ts'

let baseImage: string
beforeAll(async () => {
  if (namespaces.found) baseImage = await makeBaseImage()
}, 300_000)

// What a guest leaves behind, as far away from its script as it gets.
const leave = `
  nohup setsid sleep 1000 >/dev/null 2>&1 &
  (env -i /usr/bin/setsid /usr/bin/sleep 1000 >/dev/null 2>&1 &)
  setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' >/dev/null 2>&1 &`

testWith(
  namespaces,
  'of a machine that is deleted nothing is left: no process, no mount, no file',
  async () => {
    await using emulator = await startEmulator({
      compute: { driver: openNamespaceDriver(), baseImage, shutdownMs: 500 },
    })
    const calls = openCalls(emulator.url)
    await bootFilled(calls, 'vm', leave)
    expect(findTenants(emulator.stateDir).length).toBeGreaterThan(5)
    await calls.done(await calls.send('DELETE', `${instances}/vm`))
    expect(findTenants(emulator.stateDir)).toEqual([])
    for (const name of ['machines', 'contents/disks'])
      expect(readdirSync(join(emulator.stateDir, name))).toEqual([])
  },
)

testWith(namespaces, 'a machine whose time is up is removed', async () => {
  const clock = openPushedClock()
  await using emulator = await startEmulator({
    compute: { driver: openNamespaceDriver(), baseImage, clock, shutdownMs: 100 },
  })
  const scheduling = { maxRunDuration: { seconds: 30 }, instanceTerminationAction: 'DELETE' }
  await bootFilled(openCalls(emulator.url), 'vm', leave, { scheduling })
  clock.push(30_000)
  await until(() => emulator.compute.instances().length === 0)
  expect(emulator.compute.disks()).toEqual([])
  expect(findTenants(emulator.stateDir)).toEqual([])
})

testWith(
  namespaces,
  'an emulator ends the machines of one that was killed, and goes on with their disks',
  async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'mayfly-namespace-'))
    const index = join(import.meta.dirname, '../../emulator/index.ts')
    const source = `
    const { startEmulator } = await import(${JSON.stringify(index)})
    const emulator = await startEmulator({ stateDir: ${JSON.stringify(stateDir)} })
    console.log(emulator.url)
    setInterval(() => {}, 1000)`
    // As a user chooses the driver.
    const env = { ...process.env, MAYFLY_MACHINE_DRIVER: 'namespace', MAYFLY_BASE_IMAGE: baseImage }
    const first = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    })
    const [url] = (await once(createInterface(first.stdout), 'line')) as [string]
    await bootFilled(openCalls(url), 'vm', `${leave}\ncat /boots 2>/dev/null; echo boot >> /boots`)
    first.kill('SIGKILL')
    await once(first, 'exit')
    expect(findTenants(stateDir).length).toBeGreaterThan(5)

    {
      await using second = await startEmulator({
        stateDir,
        compute: { driver: openNamespaceDriver(), baseImage, shutdownMs: 100 },
      })
      expect(findTenants(stateDir)).toEqual([])
      const calls = openCalls(second.url)
      expect((await calls.get(`${instances}/vm`)).json.status).toBe('TERMINATED')
      await calls.done(await calls.post(`${instances}/vm/start`))
      await until(async () => {
        return (await calls.get(`${instances}/vm/serialPort`)).json.contents.includes('startup-script: boot')
      })
    }
    expect(findTenants(stateDir)).toEqual([])
    await rm(stateDir, { recursive: true })
  },
)
