import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { answer, startHostileServer } from './hostile-server.ts'
import { openMachines, specify, startMachines, zone } from './machines.ts'

test('a machine is created, seen, listened to, and removed by its id', async () => {
  await using local = await startMachines()
  const { compute, google } = local

  await compute.insert(specify())
  const instance = await compute.instance(zone, 'vm-1')

  expect(instance).toEqual({
    name: 'vm-1',
    id: expect.stringMatching(/^\d+$/),
    zone,
    status: 'RUNNING',
    labels: { run: 'r1' },
  })
  expect(await compute.instance(zone, instance?.id ?? '')).toEqual(instance)
  expect(await compute.diskExists(zone, 'vm-1')).toBe(true)
  await vi.waitFor(
    async () => expect(await compute.serialTail(zone, 'vm-1')).toContain('hello from the machine'),
    5_000,
  )

  await compute.remove(zone, instance?.id ?? '', randomUUID())
  await vi.waitFor(async () => expect(await compute.instance(zone, 'vm-1')).toBeUndefined(), 5_000)
  expect(await compute.diskExists(zone, 'vm-1')).toBe(false)
  await compute.remove(zone, instance?.id ?? '', randomUUID())
  expect(google.unknown()).toEqual([])
})

test('an insert whose answer is lost makes one machine', async () => {
  await using local = await startMachines()
  local.google.inject({ route: 'compute.instances.insert', kind: 'reset-after' })

  await local.compute.insert(specify())

  expect(local.google.compute.instances()).toHaveLength(1)
})

test.each(['family/name', 'name', 'project'] as const)('an image is found by its %s', async (way) => {
  await using local = await startMachines()
  const { compute } = local

  const image = await compute.image('mayfly-local')
  expect(image).toEqual({
    name: expect.stringContaining('mayfly-local'),
    id: expect.stringMatching(/^\d+$/),
    selfLink: expect.stringContaining('/projects/acme/global/images/'),
    family: 'mayfly-local',
  })
  if (way === 'name') expect(await compute.image(image.name)).toEqual(image)
  if (way === 'project') {
    expect(await compute.image('acme/mayfly-local')).toEqual(image)
    expect(await compute.image('debian-cloud/debian-12')).toMatchObject({ family: 'debian-12' })
  }
})

test('an image that is not there is answered with the family that was meant, or with all of them', async () => {
  await using local = await startMachines()
  const { compute } = local

  const failure = { failure: 'not-found', exitCode: 64, method: 'compute.images.get' }
  await expect(compute.image('mayfly-lokal')).rejects.toMatchObject(failure)
  await expect(compute.image('mayfly-lokal')).rejects.toThrow(
    'project acme has no image family and no image named mayfly-lokal. Did you mean "mayfly-local"?',
  )
  await expect(compute.image('other/something-else')).rejects.toThrow(
    'project other has no image family and no image named something-else. Its families: mayfly-local.',
  )
})

test('a missing right to list images does not hide that one is missing', async () => {
  await using local = await startMachines()
  local.google.compute.deny('compute.images.list')

  await expect(local.compute.image('nothing')).rejects.toThrow(/no image named nothing\.$/)
})

test('machine types come from all pages, without those that are on their way out', async () => {
  const first = {
    items: [
      { name: 'n1-old', guestCpus: 1, memoryMb: 1_024, deprecated: { state: 'DEPRECATED' } },
      { name: 'n2-standard-4', guestCpus: 4, memoryMb: 16_384 },
    ],
    nextPageToken: 'more',
  }
  const second = { items: [{ name: 'n2-standard-8', guestCpus: 8, memoryMb: 32_768 }] }
  await using server = await startHostileServer(answer(200, first), answer(200, second))

  expect(await openMachines(server.url).machineTypes(zone)).toEqual([
    { name: 'n2-standard-4', cpus: 4, memoryMb: 16_384 },
    { name: 'n2-standard-8', cpus: 8, memoryMb: 32_768 },
  ])
  expect(server.seen[1]).toContain('pageToken=more')
})

test('the zones of the local cloud offer machine types', async () => {
  await using local = await startMachines()

  const types = await local.compute.machineTypes(zone)

  expect(types).toContainEqual({ name: 'n2-standard-4', cpus: 4, memoryMb: 16_384 })
})
