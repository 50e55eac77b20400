import { expect, test } from 'vitest'
import { answer, type Handler, hang, refuse, reset, startHostileServer } from './hostile-server.ts'
import { openMachines, specify, startMachines, zone } from './machines.ts'

test('a stockout says which zones have room', async () => {
  await using local = await startMachines()
  local.google.compute.stockout(zone, { available: ['us-central1-b', 'us-central1-c'] })

  await expect(local.compute.insert(specify())).rejects.toMatchObject({
    name: 'CloudError',
    failure: 'stockout',
    exitCode: 69,
    method: 'compute.instances.insert',
    zonesAvailable: ['us-central1-b', 'us-central1-c'],
    message: expect.stringContaining('vm-1 in us-central1-a of project acme'),
  })
  expect(await local.compute.instance(zone, 'vm-1')).toBeUndefined()
})

test('a quota that is used up is told by its own class', async () => {
  await using local = await startMachines()
  local.google.compute.quota('CPUS')

  await expect(local.compute.insert(specify())).rejects.toMatchObject({
    failure: 'quota',
    exitCode: 73,
    message: expect.stringMatching(/CPUS/),
  })
})

test('a missing right is named, and the role that holds it', async () => {
  await using local = await startMachines()
  local.google.compute.deny('compute.instances.create')

  const failure = local.compute.insert(specify())

  await expect(failure).rejects.toMatchObject({ failure: 'permission', exitCode: 77 })
  await expect(failure).rejects.toThrow(/compute\.instances\.create.*roles\/compute\.instanceAdmin\.v1/)
})

test('a name that is taken and a machine that cannot be made are told apart', async () => {
  await using local = await startMachines()
  await local.compute.insert(specify())

  await expect(local.compute.insert(specify())).rejects.toMatchObject({ failure: 'exists' })
  await expect(
    local.compute.insert(specify({ name: 'vm-2', machineType: 'n9-standard-4' })),
  ).rejects.toMatchObject({ failure: expect.stringMatching(/^(invalid|not-found)$/), exitCode: 64 })
})

test.each(['reset-before', 'reset-after', 'hang', 'truncate'] as const)(
  'a wait for the operation that ends in %s is begun again',
  async (kind) => {
    await using local = await startMachines()
    local.google.inject({ route: 'compute.zoneOperations.wait', kind, times: 2 })

    await openMachines(local.google.url, { deadlineMs: 300 }).insert(specify())

    expect(await local.compute.instance(zone, 'vm-1')).toMatchObject({ status: 'RUNNING' })
  },
)

const begun = answer(200, { name: 'operation-1', status: 'RUNNING' })

test('an operation that is done with an error is a failure', async () => {
  const error = { errors: [{ code: 'RESOURCE_NOT_FOUND', message: 'No such image' }] }
  const done = answer(200, { name: 'operation-1', status: 'DONE', httpErrorStatusCode: 404, error })
  await using server = await startHostileServer(begun, begun, done)

  await expect(openMachines(server.url).insert(specify())).rejects.toMatchObject({
    failure: 'not-found',
    message: expect.stringContaining('No such image (HTTP 404 RESOURCE_NOT_FOUND)'),
  })
})

test('an operation that nobody remembers is judged by the machine', async () => {
  const there = answer(200, { name: 'vm-1', id: '7', status: 'RUNNING' })
  await using made = await startHostileServer(begun, refuse(404, 'notFound'), there)
  await using failed = await startHostileServer(begun, refuse(404, 'notFound'))

  await openMachines(made.url).insert(specify())
  const failure = openMachines(failed.url).insert(specify())

  await expect(failure).rejects.toMatchObject({ failure: 'unknown' })
  await expect(failure).rejects.toThrow('operation operation-1 is lost')
})

test('an operation that never ends is judged by the machine, too', async () => {
  const endless: Handler = (request, response) => {
    const handle = request.method === 'GET' ? refuse(404, 'notFound') : begun
    handle(request, response)
  }
  await using server = await startHostileServer(endless)

  await expect(openMachines(server.url).insert(specify())).rejects.toThrow('is not done after 2 s')
})

test('an insert without an answer leaves the question open', async () => {
  await using server = await startHostileServer(reset)
  const compute = openMachines(server.url, { retry: { baseMs: 1, capMs: 1, budgetMs: 30 } })

  await expect(compute.insert(specify())).rejects.toMatchObject({ failure: 'unknown' })
})

test.each([
  { what: 'an instance', act: 'instance' },
  { what: 'a disk', act: 'diskExists' },
  { what: 'a serial port', act: 'serialTail' },
] as const)(
  'asking for $what ends by the deadline, and is not repeated by the client as well',
  async ({ act }) => {
    await using server = await startHostileServer(hang)
    const compute = openMachines(server.url, { deadlineMs: 50, retry: { baseMs: 1, capMs: 1, budgetMs: 60 } })

    await expect(compute[act](zone, 'vm-1')).rejects.toMatchObject({ failure: 'unknown' })
    expect(server.seen.length).toBeLessThan(4)
  },
)

test('a refusal for the moment passes, and one for good is told with its reason', async () => {
  await using server = await startHostileServer(
    refuse(403, 'rateLimitExceeded'),
    refuse(503, 'backendError'),
    refuse(403, 'forbidden', "Required 'compute.instances.get' permission"),
  )

  await expect(openMachines(server.url).instance(zone, 'vm-1')).rejects.toThrow(
    "vm-1 in us-central1-a of project acme: Required 'compute.instances.get' permission (HTTP 403 forbidden).",
  )
  expect(server.seen).toHaveLength(3)
})

test('a zone that does not exist is no absent machine', async () => {
  await using server = await startHostileServer(
    refuse(404, 'notFound', "The resource 'projects/acme/zones/moon-1' was not found"),
  )

  await expect(openMachines(server.url).instance('moon-1', 'vm-1')).rejects.toMatchObject({
    failure: 'not-found',
  })
})
