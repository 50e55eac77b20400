import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, zone } from './compute-calls.ts'

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
  expect((await calls.send('PATCH', `${images}/ml-v1`, { labels: {} })).status).toBe(400)
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
