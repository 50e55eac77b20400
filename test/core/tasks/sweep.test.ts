import { expect, test } from 'vitest'
import { readStop } from '../../../core/cloud-batch/stop.ts'
import { CloudError } from '../../../core/errors.ts'
import { openAttempt } from '../../../core/protocol/attempts.ts'
import { type ResultState, writeRecord } from '../../../core/protocol/records.ts'
import type { Leftover } from '../../../core/tasks/sweep/plan.ts'
import { type Broom, type Removal, removeLeftover } from '../../../core/tasks/sweep/removal.ts'
import { reportSweep } from '../../../core/tasks/sweep/report.ts'
import type { BatchJobs, Disk, ImageRecord } from '../../../core/world.ts'
import { makeRun, openVirtualCompute, openVirtualObjects, VirtualClock } from '../protocol/virtual.ts'

const run = 'runs/train/r1'
const machine: Leftover = {
  kind: 'machine',
  name: 'mayfly-train-r1-a1',
  zone: 'zone-a',
  id: '7',
  overdueSeconds: 3600,
  attempt: { run, number: 1 },
}
const disk: Leftover = { kind: 'disk', name: 'mayfly-d', zone: 'zone-a', id: '8', overdueSeconds: 3600 }
const image: Leftover = { kind: 'image', name: 'ml-batch-v1', id: '9', overdueSeconds: 3600 }

/** A cloud with a machine, a disk and an image; what a test changes is what the cloud answers. */
async function openBroom() {
  const clock = new VirtualClock()
  const objects = openVirtualObjects(clock)
  const compute = openVirtualCompute()
  const { name, zone = '', id } = machine
  compute.instances.set(name, { name, zone, id, status: 'TERMINATED', labels: {} })
  await openAttempt(objects, run, makeRun({ id: 'r1' }), 1, 1, 0)
  const cloud: { disk: Disk | undefined; image: ImageRecord | undefined } = {
    disk: {
      name: disk.name,
      id: disk.id,
      zone: 'zone-a',
      status: 'READY',
      labels: {},
      attached: false,
      touched: 0,
    },
    image: {
      name: image.name,
      id: image.id,
      selfLink: '',
      labels: {},
      labelFingerprint: '',
      created: 0,
      status: 'READY',
    },
  }
  compute.removeDisk = async () => {
    cloud.disk = undefined
  }
  const absent = async () => Promise.reject(new Error('not in this test'))
  const broom: Broom = {
    jobs: () => Promise.reject(new Error('no machine here is of a job')),
    clock,
    objects,
    compute,
    fleet: { instances: absent, disks: absent, disksNamed: absent, disk: async () => cloud.disk },
    images: {
      find: async () => cloud.image,
      remove: async () => {
        cloud.image = undefined
      },
      list: absent,
      setFamily: absent,
      label: absent,
      deprecate: absent,
      disksOf: async () => [],
    },
  }
  return { broom, cloud, compute, objects, clock }
}

function report(removal: Removal) {
  const plan = { project: 'acme', bucket: 'depot', time: '', remove: [removal], stay: [], unseenZones: [] }
  return reportSweep([removal], plan)
}

function writeResult(state: ResultState): string {
  return writeRecord({
    schema: 1,
    nonce: 'n',
    by: 'machine',
    state,
    exitCode: 0,
    message: '',
    began: true,
    steps: [],
    phases: [],
    outputs: [],
  })
}

const listRecords = ({ store }: ReturnType<typeof openVirtualObjects>) =>
  [...store.keys()].filter((name) => name.startsWith(run))

test('a machine goes, and its run is lost with the fence taken', async () => {
  const { broom, compute, objects } = await openBroom()
  expect(await removeLeftover(broom, machine)).toEqual({
    ...machine,
    gone: true,
    sealed: { run, attempt: 1, state: 'lost' },
  })
  expect(compute.instances.size).toBe(0)
  expect(listRecords(objects)).toEqual(
    ['attempt', 'started', 'result'].map((name) => `${run}/a1/${name}.json`),
  )
})

test('the machine of a job goes with its job, which would make another one, and no task of it begins any more', async () => {
  const { broom, compute, objects } = await openBroom()
  const cancelled: string[] = []
  const jobs = { cancel: async (...job: readonly string[]) => void cancelled.push(job.join('/')) }
  const ofJob = { ...machine, name: 'vm-1', zone: 'us-east1-b', job: machine.name }
  compute.instances.set('vm-1', { name: 'vm-1', zone: 'us-east1-b', id: '7', status: 'RUNNING', labels: {} })
  const removal = await removeLeftover({ ...broom, jobs: async () => jobs as unknown as BatchJobs }, ofJob)
  expect(removal).toMatchObject({ gone: true, sealed: { run, attempt: 1, state: 'lost' } })
  expect(cancelled).toEqual([`us-east1/${machine.name}`])
  expect(await readStop(objects, run, 1)).toMatchObject({ state: 'lost' })
})

test('a job that may not be cancelled does not keep its machine', async () => {
  const { broom } = await openBroom()
  const refuse = async () => Promise.reject(new CloudError('permission', 'batch.jobs.cancel', 'no'))
  const jobs = async () => ({ cancel: refuse }) as unknown as BatchJobs
  expect(await removeLeftover({ ...broom, jobs }, { ...machine, job: machine.name })).toMatchObject({
    gone: true,
  })
})

test('a result that is there stays the result', async () => {
  const { broom, objects } = await openBroom()
  await objects.put(`${run}/a1/result.json`, writeResult('succeeded'))
  expect(await removeLeftover(broom, machine)).toMatchObject({ gone: true, sealed: { state: 'succeeded' } })
})

test.each([
  ['an attempt of another bucket', { ...machine, attempt: { run: 'runs/train/other', number: 1 } }],
  ['an attempt that names another machine', { ...machine, name: 'mayfly-copy' }],
])('%s is not sealed', async (_, leftover) => {
  const { broom, objects } = await openBroom()
  expect((await removeLeftover(broom, leftover)).sealed).not.toHaveProperty('state')
  expect(listRecords(objects)).toEqual([`${run}/a1/attempt.json`])
})

test('a record that cannot be read is told, and the machine goes', async () => {
  const { broom, objects } = await openBroom()
  await objects.put(`${run}/a1/attempt.json`, '{}')
  const removal = await removeLeftover(broom, machine)
  expect([removal.gone, removal.sealed?.fault]).toEqual([
    true,
    expect.stringMatching(/a1\/attempt\.json: not a record/),
  ])
})

test('a run that may not be sealed does not keep its machine, and ends in 77', async () => {
  const { broom, objects } = await openBroom()
  objects.create = async () => Promise.reject(new CloudError('permission', 'storage.objects.insert', 'no'))
  const removal = await removeLeftover(broom, machine)
  expect(removal).toMatchObject({ gone: true, sealed: { failure: 'permission' } })
  expect(report(removal)).toMatchObject({
    exitCode: 77,
    outputs: { removed: '1', kept: '0' },
    failure: `${run} has not got its result: storage.objects.insert: no`,
  })
})

test('what is still there ends in 70, and in 77 when Google refused', () => {
  const stuck = { ...disk, gone: false, why: 'it was still there' }
  expect(report(stuck)).toMatchObject({
    exitCode: 70,
    failure: expect.stringContaining('mayfly-d in zone-a'),
  })
  expect(report({ ...stuck, failure: 'permission' })).toMatchObject({ exitCode: 77, outputs: { kept: '1' } })
})

test('another machine of the name is left alone', async () => {
  const { broom, compute } = await openBroom()
  expect(await removeLeftover(broom, { ...machine, id: '77' })).toMatchObject({ gone: true })
  expect(compute.instances.size).toBe(1)
})

test('another disk or image of the name is left alone', async () => {
  const { broom, cloud } = await openBroom()
  expect(await removeLeftover(broom, { ...disk, id: '88' })).toMatchObject({ gone: true })
  expect(await removeLeftover(broom, { ...image, id: '99' })).toMatchObject({ gone: true })
  expect([cloud.disk, cloud.image]).not.toContain(undefined)
})

test('a disk that a machine has again, and an image that was promoted, stay', async () => {
  const { broom, cloud } = await openBroom()
  Object.assign(cloud.disk as Disk, { attached: true })
  Object.assign(cloud.image as ImageRecord, { family: 'ml-batch' })
  expect(await removeLeftover(broom, disk)).toMatchObject({ gone: false, why: 'a machine has it again' })
  expect(await removeLeftover(broom, image)).toMatchObject({
    gone: false,
    why: 'it is in the family ml-batch by now',
  })
})

test('what is busy is asked again; what does not go is told after five minutes', async () => {
  const { broom, cloud, clock, compute } = await openBroom()
  const busy = new CloudError('busy', 'compute.disks.delete', 'in use')
  let refusals = 3
  compute.removeDisk = async () => {
    if (refusals-- > 0) throw busy
    cloud.disk = undefined
  }
  expect(await removeLeftover(broom, disk)).toMatchObject({ gone: true })

  const began = clock.now()
  broom.images.remove = async () => Promise.reject(busy)
  expect(await removeLeftover(broom, image)).toMatchObject({
    gone: false,
    why: expect.stringMatching(/still there/),
  })
  expect(clock.now() - began).toBeGreaterThanOrEqual(5 * 60_000)
})
