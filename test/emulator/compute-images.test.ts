import { afterEach, expect, test, vi } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, zone } from './compute-calls.ts'

afterEach(() => void vi.unstubAllEnvs())

const images = '/global/images'
const keptDisk = { disks: [{ boot: true, initializeParams: { sourceImage: 'global/images/mayfly-local' } }] }

test('an image is made of the disk of a machine that is gone, and joins its family later', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const insert = (name: string, query = '') =>
    calls.post(`${images}${query}`, { name, sourceDisk: `${zone}/disks/builder`, labels: { tag: 'v1' } })
  await calls.done(await calls.post(`/${zone}/instances`, machine('builder', undefined, keptDisk)))
  expect((await insert('early')).json).toMatchObject({
    error: { code: 400, errors: [{ reason: 'resourceInUseByAnotherResource' }] },
  })
  expect((await calls.done(await insert('forced', '?forceCreate=true'))).error).toBeUndefined()
  await calls.done(await calls.send('DELETE', `/${zone}/instances/builder`))

  const first = await insert('ml-v1')
  expect(first.json).toMatchObject({
    operationType: 'insert',
    selfLink: expect.stringContaining('/global/operations/'),
  })
  expect((await calls.get(`${images}/ml-v1`)).json.status).toBe('PENDING')
  await calls.done(first)
  expect((await calls.get(`${images}/ml-v1`)).json).toMatchObject({ status: 'READY', labels: { tag: 'v1' } })
  expect((await insert('ml-v1')).status).toBe(409)
  expect((await calls.get(`${images}/family/ml`)).status).toBe(404)

  await calls.done(await calls.send('PATCH', `${images}/ml-v1`, { family: 'ml' }))
  expect((await calls.get(`${images}/family/ml`)).json.name).toBe('ml-v1')
  expect((await calls.send('PATCH', `${images}/ml-v1`, { labels: { a: 'b' } })).status).toBe(400)
})

test('a family is its newest image that is not deprecated; an obsolete one boots nothing', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  for (const name of ['ml-v10', 'ml-v2', 'ml-v3'])
    await calls.done(
      await calls.post(images, {
        name,
        family: 'ml',
        sourceImage: 'projects/debian-cloud/global/images/family/debian-12',
      }),
    )
  const newest = async () => (await calls.get(`${images}/family/ml`)).json.name
  const deprecate = async (name: string, state: string) =>
    calls.done(await calls.post(`${images}/${name}/deprecate`, { state }))
  expect(await newest()).toBe('ml-v3')
  await deprecate('ml-v3', 'DEPRECATED')
  expect(await newest()).toBe('ml-v2')
  await deprecate('ml-v2', 'OBSOLETE')
  expect(await newest()).toBe('ml-v10')

  const boot = (name: string) =>
    calls.post(
      `/${zone}/instances`,
      machine(name, undefined, {
        disks: [{ boot: true, initializeParams: { sourceImage: `global/images/${name}` } }],
      }),
    )
  expect((await calls.done(await boot('ml-v3'))).error).toBeUndefined()
  expect((await boot('ml-v2')).json).toMatchObject({
    error: { message: expect.stringContaining('is OBSOLETE') },
  })

  await calls.done(await calls.send('DELETE', `${images}/ml-v10`))
  expect(await newest()).toBeUndefined()
})

test('labels of an image are changed by who knows those of now', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await calls.done(
    await calls.post(images, {
      name: 'ml',
      sourceImage: 'global/images/mayfly-local',
      labels: { tag: 'v1' },
    }),
  )
  const { labelFingerprint } = (await calls.get(`${images}/ml`)).json
  const setLabels = (labels: object) => calls.post(`${images}/ml/setLabels`, { labels, labelFingerprint })
  expect((await calls.done(await setLabels({ tag: 'v2' }))).error).toBeUndefined()
  expect((await calls.get(`${images}/ml`)).json.labels).toEqual({ tag: 'v2' })
  expect((await setLabels({ tag: 'v3' })).status).toBe(412)
  expect((await calls.post(`${images}/none/setLabels`, { labelFingerprint })).status).toBe(404)
})

test('the disk of Packer 1.6, whose URL lacks `projects/`, is taken when that is asked for', async () => {
  await using emulator = await startEmulator({ compute: { acceptMalformedSourceDisk: true } })
  const calls = openCalls(emulator.url)
  await calls.done(await calls.post(`/${zone}/disks`, { name: 'built' }))
  const sourceDisk = `https://compute.googleapis.com/compute/v1/acme/${zone}/disks/built`
  expect((await calls.done(await calls.post(images, { name: 'ml', sourceDisk }))).error).toBeUndefined()
  expect((await calls.get(`${images}/ml`)).json.sourceDisk).toMatch(`/projects/acme/${zone}/disks/built`)
})

test('a driver that nobody knows is refused, with those that there are', async () => {
  vi.stubEnv('MAYFLY_MACHINE_DRIVER', 'docker')
  await expect(startEmulator()).rejects.toThrow(
    'MAYFLY_MACHINE_DRIVER is "docker"; expected one of process, namespace',
  )
})

test.each([
  [{ name: 'ml' }, 'Must specify exactly one source for an image.'],
  [{ name: 'ml', sourceDisk: `${zone}/disks/none` }, 'The referenced disk resource cannot be found.'],
  // What Packer 1.6 sends (packer-plugin-googlecompute#15).
  [
    { name: 'ml', sourceDisk: 'https://compute.googleapis.com/compute/v1/acme/zones/z/disks/d' },
    'The URL is malformed.',
  ],
  [{ name: 'Ml', sourceImage: 'global/images/mayfly-local' }, 'Must be a match of regex'],
])('the image %j is refused', async (body, message) => {
  await using emulator = await startEmulator()
  const { status, json } = await openCalls(emulator.url).post(images, body)
  expect({ status, json }).toMatchObject({
    status: 400,
    json: { error: { message: expect.stringContaining(message) } },
  })
})
