import { expect, test } from 'vitest'
import type { ComputeControl } from '../../emulator/compute/control.ts'
import { startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, until, zone } from './compute-calls.ts'
import { openPushedClock } from './compute-clock.ts'

const instances = `/${zone}/instances`

test('a zone without room fails the operation, and makes no machine', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  emulator.compute.stockout('us-central1-a', { machineType: 'e2-small', provisioningModel: 'SPOT', times: 1 })
  const insert = async (members: object = {}) => {
    const done = await calls.done(await calls.post(instances, machine('vm', undefined, members)))
    const { errors } = (done.error ?? {}) as { errors?: readonly { code: string; message: string }[] }
    if (!errors) await calls.done(await calls.send('DELETE', `${instances}/vm`))
    return { codes: errors?.map(({ code }) => code), status: done.httpErrorStatusCode }
  }
  const spot = { scheduling: { provisioningModel: 'SPOT' } }
  const room = { codes: undefined, status: undefined }
  expect(await insert()).toEqual(room)
  expect(await insert({ ...spot, machineType: `${zone}/machineTypes/e2-medium` })).toEqual(room)
  expect(await insert(spot)).toEqual({ codes: ['ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS'], status: 503 })
  expect(emulator.compute.instances()).toEqual([])
  expect(await insert(spot)).toEqual(room)

  emulator.compute.quota('CPUS', { region: 'us-central1' })
  expect(await insert()).toEqual({ codes: ['QUOTA_EXCEEDED'], status: 403 })
  emulator.compute.relieve()
  expect(await insert()).toEqual(room)
})

test('a permission that is missing is named', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await calls.done(await calls.post(instances, machine('vm')))
  const permissions = ['compute.instances.delete', 'compute.instances.get']
  const allowed = async () => (await calls.post(`${instances}/vm/testIamPermissions`, { permissions })).json
  expect(await allowed()).toEqual({ permissions })

  for (const permission of ['compute.instances.create', 'compute.instances.delete'])
    emulator.compute.deny(permission)
  expect((await calls.post(instances, machine('other'))).json).toMatchObject({
    error: {
      code: 403,
      message:
        "Required 'compute.instances.create' permission for 'projects/acme/zones/us-central1-a/instances/other'",
      errors: [{ reason: 'forbidden' }],
    },
  })
  expect((await calls.send('DELETE', `${instances}/vm`)).status).toBe(403)
  expect(await allowed()).toEqual({ permissions: ['compute.instances.get'] })
})

test('troubles come from another process too', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const control = async (...controls: readonly ComputeControl[]) => {
    const body = JSON.stringify(controls)
    const response = await fetch(`${emulator.url}/_mayfly/compute`, { method: 'POST', body })
    expect(response.status).toBe(204)
  }
  await control(
    { do: 'stockout', zone: 'us-central1-a', times: 1 },
    { do: 'deny', permission: 'compute.disks.get' },
  )
  const failed = await calls.done(await calls.post(instances, machine('vm')))
  expect(failed.httpErrorStatusCode).toBe(503)
  expect((await calls.get(`/${zone}/disks/vm`)).status).toBe(403)

  await control({ do: 'relieve' })
  await calls.done(
    await calls.post(instances, machine('vm', undefined, { scheduling: { automaticRestart: false } })),
  )
  await control({ do: 'hostError', instance: 'vm' })
  await until(async () => (await calls.get(`${instances}/vm`)).json.status === 'TERMINATED')
  const state = await (await fetch(`${emulator.url}/_mayfly/compute`)).json()
  expect(state).toMatchObject({ instances: [{ name: 'vm', status: 'TERMINATED' }], disks: [{ name: 'vm' }] })
})

test('a Spot machine that is taken back goes the way that its scheduling says', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  for (const [name, action] of Object.entries({ stays: 'STOP', goes: 'DELETE' })) {
    const scheduling = { provisioningModel: 'SPOT', instanceTerminationAction: action }
    await calls.done(await calls.post(instances, machine(name, undefined, { scheduling })))
    emulator.compute.preempt(name)
  }
  await until(() => emulator.compute.instances().length === 1)
  await until(() => emulator.compute.instances()[0]?.status === 'TERMINATED')
  expect(emulator.compute.instances()).toMatchObject([{ name: 'stays' }])
})

test('a machine whose host breaks comes back when it may, with a new time limit', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  const scheduling = { maxRunDuration: { seconds: 3600 }, automaticRestart: true }
  await calls.done(await calls.post(instances, machine('vm', undefined, { scheduling })))
  const read = async () => (await calls.get(`${instances}/vm`)).json
  const limit = async () =>
    ((await read()).resourceStatus as { scheduling: { terminationTimestamp?: string } }).scheduling
      .terminationTimestamp
  const before = await limit()
  expect(before).toEqual(expect.any(String))
  emulator.compute.hostError('vm')
  await until(async () => (await read()).status === 'RUNNING' && (await limit()) !== before)
  expect(String(await limit()) > String(before)).toBe(true)
})

test('a time limit with STOP stops, and is over then', async () => {
  const clock = openPushedClock()
  await using emulator = await startEmulator({ compute: { clock } })
  const calls = openCalls(emulator.url)
  const scheduling = { maxRunDuration: { seconds: '30' } }
  await calls.done(await calls.post(instances, machine('vm', undefined, { scheduling })))
  const read = async () => (await calls.get(`${instances}/vm`)).json
  clock.push(25_000)
  expect((await read()).status).toBe('RUNNING')
  clock.push(5000)
  await until(async () => (await read()).status === 'TERMINATED')
  expect((await read()).resourceStatus).toEqual({ scheduling: {} })

  // It begins anew with the machine.
  await calls.done(await calls.post(`${instances}/vm/start`))
  expect((await read()).status).toBe('RUNNING')
  clock.push(30_000)
  await until(async () => (await read()).status === 'TERMINATED')
})
