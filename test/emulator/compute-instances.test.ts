import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { type Calls, machine, openCalls, type Resource, zone } from './compute-calls.ts'

const instances = `/${zone}/instances`
const disks = `/${zone}/disks`

function errorOf(json: Resource) {
  return json.error as { code: number; message: string; errors: readonly { reason: string }[] }
}

async function create(calls: Calls, name: string, members: object = {}) {
  return calls.done(await calls.post(instances, machine(name, undefined, members)))
}

test('an instance lives from PROVISIONING to 404, and its boot disk with it', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const insert = await calls.post(instances, machine('vm'))
  expect(insert.json).toMatchObject({ kind: 'compute#operation', operationType: 'insert', status: 'RUNNING' })
  expect((await calls.get(`${instances}/vm`)).json.status).toBe('PROVISIONING')
  const done = await calls.done(insert)
  expect(done).toMatchObject({ status: 'DONE', progress: 100, targetId: expect.stringMatching(/^\d{16}$/) })

  const byName = (await calls.get(`${instances}/vm`)).json
  expect(byName).toMatchObject({ id: done.targetId, status: 'RUNNING', selfLink: done.targetLink })
  expect(byName).not.toHaveProperty('local')
  expect((await calls.get(`${instances}/${byName.id}`)).json).toEqual(byName)
  expect((await calls.get(`${disks}/vm`)).json).toMatchObject({ sizeGb: '10', users: [byName.selfLink] })

  const removal = await calls.send('DELETE', `${instances}/vm`)
  expect((await calls.get(`${instances}/vm`)).json.status).toBe('STOPPING')
  expect(await calls.done(removal)).toMatchObject({ status: 'DONE', targetId: byName.id })
  expect((await calls.get(`${instances}/vm`)).status).toBe(404)
  expect((await calls.get(`${disks}/vm`)).status).toBe(404)

  // A name may come back; an id never does.
  expect((await create(calls, 'vm')).targetId).not.toBe(byName.id)
})

test('a repeated requestId is the first request again, and a name that is taken a conflict', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const requestId = randomUUID()
  const insert = () => calls.post(`${instances}?requestId=${requestId}`, machine('vm'))
  const [first, second] = [await insert(), await insert()]
  expect(second.json.name).toBe(first.json.name)
  expect(await calls.done(first)).toMatchObject({ clientOperationId: requestId })
  expect((await insert()).json).toMatchObject({ name: first.json.name, status: 'DONE' })

  const other = await calls.post(`${instances}?requestId=${randomUUID()}`, machine('vm'))
  expect(errorOf(other.json)).toMatchObject({
    code: 409,
    message: "The resource 'projects/acme/zones/us-central1-a/instances/vm' already exists",
    errors: [{ reason: 'alreadyExists' }],
  })
  for (const bad of ['00000000-0000-0000-0000-000000000000', 'vm'])
    expect((await calls.post(`${instances}?requestId=${bad}`, machine('vm-2'))).status).toBe(400)
})

const big = 'x'.repeat(256 * 1024)

test.each([
  ['a name in upper case', { name: 'VM' }, 400, "Must be a match of regex '[a-z]"],
  ['a name of 64', { name: 'v'.repeat(64) }, 400, "Must be a match of regex '[a-z]"],
  [
    'an unknown machine type',
    { machineType: `${zone}/machineTypes/n9-huge` },
    400,
    "'n9-huge' does not exist in zone",
  ],
  ['no disk', { disks: [] }, 400, 'No disks are specified'],
  ['no network', { networkInterfaces: [] }, 400, 'At least one network interface'],
  ['an unknown image', image('global/images/none'), 400, 'The referenced image resource cannot be found'],
  ['an unknown family', image('global/images/family/none'), 404, "images/family/none' was not found"],
  ['a malformed image', image('family/mayfly-local'), 400, 'The URL is malformed'],
  [
    'a small disk',
    image('global/images/mayfly-local', { diskSizeGb: 5 }),
    400,
    'cannot be smaller than the image size',
  ],
  ['a label in upper case', { labels: { run: 'R1' } }, 400, "Label value 'R1' violates format constraints"],
  ['a label that begins with a digit', { labels: { '1run': '' } }, 400, "Label key '1run' violates"],
  [
    'too many labels',
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, ''])) },
    400,
    'Number of labels 65',
  ],
  [
    'a large value',
    items({ a: `${big}x` }),
    413,
    "'resource.metadata.items[0].value' is too large: maximum size 262144 character(s); actual size 262145",
  ],
  ['large metadata', items({ a: big, b: big, c: 'x' }), 413, "'resource.metadata' is too large"],
  [
    'a metadata key with a space',
    items({ 'a b': '' }),
    400,
    "Must be a match of regex '[a-zA-Z0-9-_]{1,128}'",
  ],
  ['a short life', limit({ maxRunDuration: { seconds: 29 } }), 400, 'between 30 seconds and 120 days'],
  ['a long life', limit({ maxRunDuration: { seconds: '10368001' } }), 400, 'between 30 seconds and 120 days'],
  [
    'two limits',
    limit({ maxRunDuration: { seconds: 60 }, terminationTime: '2030-01-01T00:00:00Z' }),
    400,
    'Only one of',
  ],
  ['an action without a limit', limit({ instanceTerminationAction: 'DELETE' }), 400, 'needs a time limit'],
  [
    'Spot that migrates',
    limit({ provisioningModel: 'SPOT', onHostMaintenance: 'MIGRATE' }),
    400,
    'must have onHostMaintenance TERMINATE',
  ],
  [
    'Spot that restarts',
    limit({ provisioningModel: 'SPOT', automaticRestart: true }),
    400,
    'cannot be automatically restarted',
  ],
])('an insert with %s is refused, and leaves nothing', async (_, members, status, message) => {
  await using emulator = await startEmulator()
  const answer = await openCalls(emulator.url).post(instances, machine('vm', undefined, members))
  expect(answer.status).toBe(status)
  expect(errorOf(answer.json).message).toContain(message)
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.compute.disks()).toEqual([])
})

function image(sourceImage: string, members: object = {}) {
  return { disks: [{ boot: true, initializeParams: { sourceImage, ...members } }] }
}

function items(values: Readonly<Record<string, string>>) {
  return { metadata: { items: Object.entries(values).map(([key, value]) => ({ key, value })) } }
}

function limit(scheduling: object) {
  return { scheduling }
}

test('what is as large as it may be is taken', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const done = await create(calls, `v${'m'.repeat(62)}`, {
    ...items({ a: big, b: 'x'.repeat(256 * 1024 - 2) }),
    labels: Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`l${at}`, 'é'.repeat(63)])),
    scheduling: { maxRunDuration: { seconds: '10368000' }, instanceTerminationAction: 'STOP' },
  })
  expect(done.error).toBeUndefined()
})

test('unknown zones, projects and operations are refused in the words of Google', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  expect(errorOf((await calls.get('/zones/mars-1-a/instances')).json).message).toContain('Unknown zone.')
  expect(errorOf((await calls.get(`${instances}/UPPER`)).json).message).toContain("field 'instance': 'UPPER'")
  expect((await calls.get(`/${zone}/operations/none`)).status).toBe(404)
  expect((await openCalls(emulator.url, '..%2Facme').get('')).status).toBe(400)
})

test('a disk outlives an instance that does not delete it, and then stands in the way', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const keep = { ...image('global/images/mayfly-local') }
  await create(calls, 'vm', keep)
  expect(errorOf((await calls.send('DELETE', `${disks}/vm`)).json)).toMatchObject({
    code: 400,
    errors: [{ reason: 'resourceInUseByAnotherResource' }],
  })
  await calls.done(await calls.send('DELETE', `${instances}/vm`))
  expect((await calls.get(`${disks}/vm`)).json.users).toBeUndefined()

  const again = await calls.post(instances, machine('vm'))
  expect(errorOf(again.json)).toMatchObject({ code: 409, message: expect.stringContaining('/disks/vm') })
  const attached = { disks: [{ boot: true, autoDelete: true, source: `${zone}/disks/vm` }] }
  await create(calls, 'other', attached)
  expect(errorOf((await calls.post(instances, machine('third', undefined, attached))).json).code).toBe(400)
  await calls.done(await calls.send('DELETE', `${instances}/other`))
  expect(emulator.compute.disks()).toEqual([])
})

test('an emulator may attach the free disk of that name instead', async () => {
  await using emulator = await startEmulator({ compute: { adoptDisks: true } })
  const calls = openCalls(emulator.url)
  const disk = await calls.done(await calls.post(disks, { name: 'vm', sizeGb: 33 }))
  await create(calls, 'vm')
  expect((await calls.get(`${disks}/vm`)).json).toMatchObject({ id: disk.targetId, sizeGb: '33' })
})

test('labels and metadata change by compare-and-set', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await create(calls, 'vm', { labels: { run: 'r1' } })
  const { labelFingerprint } = (await calls.get(`${instances}/vm`)).json
  const setLabels = () => calls.post(`${instances}/vm/setLabels`, { labels: { run: 'r2' }, labelFingerprint })
  await calls.done(await setLabels())
  expect((await calls.get(`${instances}/vm`)).json.labels).toEqual({ run: 'r2' })
  expect((await setLabels()).status).toBe(412)
  expect((await calls.post(`${instances}/vm/setMetadata`, { items: [], fingerprint: 'old' })).status).toBe(
    412,
  )
})

test('what is started, stopped and reset twice is so once', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await create(calls, 'vm')
  const act = async (verb: string) => calls.done(await calls.post(`${instances}/vm/${verb}`))
  const status = async () => (await calls.get(`${instances}/vm`)).json.status
  expect(await act('start')).toMatchObject({ status: 'DONE' })
  await act('stop')
  expect(await act('stop')).toMatchObject({ status: 'DONE' })
  expect(await status()).toBe('TERMINATED')
  expect(errorOf((await calls.post(`${instances}/vm/reset`)).json).errors[0]?.reason).toBe('resourceNotReady')
  await act('start')
  await act('reset')
  expect(await status()).toBe('RUNNING')

  // Two deletions at once: both end well, and one of them did it.
  const removals = [
    await calls.send('DELETE', `${instances}/vm`),
    await calls.send('DELETE', `${instances}/vm`),
  ]
  for (const removal of removals) expect((await calls.done(removal)).error).toBeUndefined()
  expect(emulator.compute.instances()).toEqual([])
})
