import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { startEmulator } from '../../emulator/index.ts'
import { testWith } from '../tools.ts'
import { makeBaseImage, namespaces } from './base-image.ts'
import { type Calls, openCalls, until, zone } from './compute-calls.ts'
import { bootFilled, bootFrom, debian, instances, readOutput } from './namespace-machines.ts'

let baseImage: string
beforeAll(async () => {
  if (namespaces.found) baseImage = await makeBaseImage()
}, 300_000)

const images = '/global/images'

function start(stateDir?: string) {
  const compute = { driver: openNamespaceDriver(), baseImage }
  return startEmulator({ compute, ...(stateDir !== undefined && { stateDir }) })
}

async function makeImage(calls: Calls, name: string, source: object) {
  return calls.done(await calls.post(images, { name, family: 'ml', ...source }))
}

/** How many of each kind are kept: disks, images, and layers between them. */
function countContents(stateDir: string): readonly number[] {
  return ['disks', 'images', 'layers'].map((kind) => {
    const folder = join(stateDir, 'contents', kind)
    return existsSync(folder) ? readdirSync(folder).length : 0
  })
}

testWith(namespaces, 'an image holds what its disk did then, and each goes its own way', async () => {
  await using emulator = await start()
  const calls = openCalls(emulator.url)
  const remove = async (path: string) => calls.done(await calls.send('DELETE', path))
  const keep = bootFrom(debian, false)
  await bootFilled(calls, 'builder', 'echo first > /kept; echo old > /etc/motd; rm -r /etc/apt', keep)
  await remove(`${instances}/builder`)
  expect(emulator.compute.disks()).toMatchObject([{ name: 'builder' }])
  expect((await makeImage(calls, 'ml-v1', { sourceDisk: `${zone}/disks/builder` })).error).toBeUndefined()

  // The disk goes on after its image was taken.
  const again = { disks: [{ boot: true, source: `${zone}/disks/builder` }] }
  await bootFilled(calls, 'again', 'echo second >> /kept; rm /etc/motd; mkdir /etc/apt', again)
  await remove(`${instances}/again`)
  await makeImage(calls, 'ml-v2', { sourceDisk: `${zone}/disks/builder` })
  await makeImage(calls, 'ml-v1-copy', { sourceImage: 'global/images/ml-v1' })

  const look =
    'cat /kept /etc/motd 2>/dev/null; ls -d /etc/apt 2>/dev/null; ls /etc/apt 2>/dev/null; echo mine >> /kept'
  for (const name of ['ml-v1', 'ml-v1-copy'])
    expect(await bootFilled(calls, name, look, bootFrom(`global/images/${name}`))).toEqual(['first', 'old'])
  expect(await bootFilled(calls, 'two', look, bootFrom('global/images/family/ml'))).toEqual(['first', 'old'])
  expect(await bootFilled(calls, 'new', look, bootFrom('global/images/ml-v2'))).toEqual([
    'first',
    'second',
    '/etc/apt',
  ])

  // A machine lives on layers that its image was the last to name.
  for (const name of ['ml-v1', 'ml-v1-copy', 'ml-v2']) await remove(`${images}/${name}`)
  await remove(`/${zone}/disks/builder`)
  expect(countContents(emulator.stateDir)).toEqual([4, 0, 2])
  await calls.done(await calls.post(`${instances}/new/stop`))
  await calls.done(await calls.post(`${instances}/new/start`))
  await until(async () => (await readOutput(calls, 'new')).includes('mine'))
  for (const name of ['ml-v1', 'ml-v1-copy', 'two', 'new']) await remove(`${instances}/${name}`)
  expect(countContents(emulator.stateDir)).toEqual([0, 0, 0])
  expect(emulator.unknown()).toEqual([])
})

testWith(namespaces, 'an image of a disk that never booted is as the image of that', async () => {
  await using emulator = await start()
  const calls = openCalls(emulator.url)
  await calls.done(await calls.post(`/${zone}/disks`, { name: 'fresh', sourceImage: debian }))
  await makeImage(calls, 'fresh', { sourceDisk: `${zone}/disks/fresh` })
  const output = await bootFilled(
    calls,
    'vm',
    '. /etc/os-release; echo $ID $VERSION_ID',
    bootFrom('global/images/fresh'),
  )
  expect(output).toEqual(['debian 12'])
})

testWith(namespaces, 'what cannot be copied fails the operation, and leaves no image', async () => {
  await using emulator = await start()
  const calls = openCalls(emulator.url)
  await bootFilled(calls, 'vm', 'true')
  const insert = (query: string) =>
    calls.post(`${images}${query}`, { name: 'ml', sourceDisk: `${zone}/disks/vm` })
  expect((await insert('')).status).toBe(400)
  expect((await calls.done(await insert('?forceCreate=true'))).error).toMatchObject({
    errors: [
      { message: expect.stringMatching(/'projects\/acme\/global\/images\/ml' could not be made: .* is on/) },
    ],
  })
  expect((await calls.get(`${images}/ml`)).status).toBe(404)
})

testWith(namespaces, 'a base image that is none fails the machine, and says what was expected', async () => {
  await using emulator = await startEmulator({
    compute: { driver: openNamespaceDriver(), baseImage: '/nonexistent' },
  })
  const calls = openCalls(emulator.url)
  await expect(bootFilled(calls, 'vm', 'true')).rejects.toThrow(
    '/nonexistent holds no file system; expected a folder that scripts/make-base-image made.',
  )
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.compute.disks()).toEqual([])
})
