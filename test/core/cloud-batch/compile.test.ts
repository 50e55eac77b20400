import { protos } from '@google-cloud/batch'
import { expect, test } from 'vitest'
import { compileJob } from '../../../core/cloud-batch/compile.ts'
import type { BatchJob } from '../../../core/cloud-batch/job.ts'
import { nameInstance } from '../../../core/names.ts'
import { type RunRecord, runRecord } from '../../../core/protocol/records.ts'
import type { JobSpec } from '../../../core/world.ts'

const workshop = { bucket: 'depot', bootstrap: '#!/bin/sh\nexec true\n' }
const path = 'runs/train/0123456789abcdef'
const opened = Date.parse('2026-11-01T00:00:00Z')

const run: RunRecord = runRecord.parse({
  schema: 1,
  nonce: 'n',
  key: 'k',
  id: '0123456789abcdef',
  batch: 'train',
  inputsDigest: 'd',
  by: 'terminal ada',
  image: {
    name: 'ml-batch-v1',
    id: '1',
    selfLink: 'https://www.googleapis.com/compute/v1/projects/acme/global/images/ml-batch-v1',
  },
  machine: { type: 'n2-standard-8', zones: ['us-central1-a', 'us-central1-b'], spot: true, externalIp: true },
  timeoutSeconds: 3600,
  attempts: 1,
  params: {},
  env: {},
  steps: [{ name: 'a', run: 'true', env: {}, retries: 0, if: 'success' }],
  outputs: [],
  engine: 'cloud-batch',
  tasks: { count: 200, parallelism: 50 },
  agent: 'a'.repeat(64),
})

function compile(
  changes: Partial<RunRecord> = {},
  attempt: { number: number; tasks?: string } = { number: 1 },
) {
  const changed = { ...run, ...changes }
  const instance = nameInstance(changed.batch, changed.id, attempt.number)
  return compileJob(workshop, changed, path, { instance, ...attempt }, opened)
}

const bodyOf = (spec: JobSpec) => spec.job as BatchJob

test('a run becomes a job whose every field is known to Google', () => {
  const spec = compile()
  expect(spec).toMatchObject({ id: 'mayfly-train-0123456789abcdef-a1', location: 'us-central1' })
  expect(spec.requestId).toMatch(/^[\da-f-]{36}$/)
  const { taskGroups, allocationPolicy, labels, logsPolicy } = bodyOf(spec)
  expect(taskGroups).toEqual([
    {
      taskCount: '200',
      parallelism: '50',
      taskCountPerNode: '1',
      taskSpec: {
        runnables: [{ displayName: 'mayfly', script: { text: workshop.bootstrap } }],
        environment: {
          variables: {
            MAYFLY_ENGINE: 'cloud-batch',
            MAYFLY_BUCKET: 'depot',
            MAYFLY_RUN: path,
            MAYFLY_ATTEMPT: '1',
            MAYFLY_AGENT: run.agent,
          },
        },
        computeResource: { cpuMilli: '1000', memoryMib: '512' },
        maxRunDuration: '3600s',
        maxRetryCount: 2,
        lifecyclePolicies: [
          { action: 'RETRY_TASK', actionCondition: { exitCodes: [50001, 50002, 50003, 50004, 50006] } },
        ],
      },
    },
  ])
  expect(allocationPolicy).toEqual({
    location: { allowedLocations: ['zones/us-central1-a', 'zones/us-central1-b'] },
    instances: [
      {
        policy: {
          machineType: 'n2-standard-8',
          provisioningModel: 'SPOT',
          bootDisk: { image: 'projects/acme/global/images/ml-batch-v1' },
        },
      },
    ],
    labels,
  })
  expect(labels).toMatchObject({ tool: 'mayfly', 'mayfly-run': run.id, 'mayfly-engine': 'cloud-batch' })
  // Two days in the queue, and four rounds of three tries each of an hour and ten minutes.
  expect(Number(labels['mayfly-deadline']) - opened / 1000).toBe(2 * 86_400 + 12 * 4200)
  expect(logsPolicy).toEqual({ destination: 'CLOUD_LOGGING' })
})

test.each<[string, Partial<RunRecord>, object]>([
  ['a standard machine', { machine: { ...run.machine, spot: false } }, { provisioningModel: 'STANDARD' }],
  ['a larger disk', { machine: { ...run.machine, diskGb: 100 } }, { bootDisk: { sizeGb: '100' } }],
])('%s', (_, changes, policy) => {
  expect(bodyOf(compile(changes)).allocationPolicy.instances[0].policy).toMatchObject(policy)
})

test('a service account, a subnetwork and no external address', () => {
  const machine = {
    ...run.machine,
    externalIp: false,
    subnetwork: 'regions/us-central1/subnetworks/b',
    serviceAccount: 'b@c',
  }
  expect(bodyOf(compile({ machine })).allocationPolicy).toMatchObject({
    serviceAccount: { email: 'b@c' },
    network: {
      networkInterfaces: [{ subnetwork: 'regions/us-central1/subnetworks/b', noExternalIpAddress: true }],
    },
  })
  expect(
    bodyOf(compile({ machine: { ...run.machine, externalIp: false } })).allocationPolicy.network,
  ).toEqual({
    networkInterfaces: [
      {
        network: 'global/networks/default',
        subnetwork: 'regions/us-central1/subnetworks/default',
        noExternalIpAddress: true,
      },
    ],
  })
})

test('a later attempt is another job, for the tasks that are left', () => {
  const first = compile()
  const second = compile({}, { number: 2, tasks: '0-4,7' })
  expect(second.id).toBe('mayfly-train-0123456789abcdef-a2')
  expect(second.requestId).not.toBe(first.requestId)
  expect(bodyOf(second).taskGroups[0]).toMatchObject({ taskCount: '6', parallelism: '6' })
  expect(compile()).toEqual(first)
})

test('attempts of tasks are retries of Batch, as many as it takes', () => {
  expect(bodyOf(compile({ attempts: 3 })).taskGroups[0].taskSpec.maxRetryCount).toBe(4)
  expect(bodyOf(compile({ attempts: 10 })).taskGroups[0].taskSpec.maxRetryCount).toBe(10)
})

test.each<[string, Partial<RunRecord>, RegExp]>([
  ['a count above the limit', { tasks: { count: 100_001, parallelism: 1 } }, /1 to 100000[\s\S]*taskCount/],
  ['a time above the limit', { timeoutSeconds: 15 * 86_400 }, /at most 14 days[\s\S]*maxRunDuration/],
  ['a label that is none', { batch: 'Train' }, /labels/],
  ['a machine type that is none', { machine: { ...run.machine, type: 'big one' } }, /machineType/],
])('%s is refused before the call', (_, changes, message) => {
  expect(() => compile(changes)).toThrow(message)
})

test('a job above 1 MB is refused before the call', () => {
  const large = { ...workshop, bootstrap: 'x'.repeat(1_000_000) }
  expect(() => compileJob(large, run, path, { number: 1, instance: 'i' }, opened)).toThrow(
    /The job has \d+ bytes, and Google Cloud Batch takes 1000000 at most/,
  )
})

test("Google's own description of the API has every field and every word of the job", () => {
  const machine = { ...run.machine, externalIp: false, diskGb: 50, serviceAccount: 'b@c' }
  const { job } = compile({ machine })
  const { Job } = protos.google.cloud.batch.v1
  // Unknown fields and words are dropped on the way in, so that what comes out again is all that Google would see.
  const back = Job.toObject(Job.fromObject(protoForm(job) as Record<string, unknown>), {
    longs: String,
    enums: String,
  })
  expect(back).toEqual(protoForm(job))
})

/** The one difference between JSON and the messages: durations. */
function protoForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protoForm)
  if (typeof value === 'string' && /^\d+s$/.test(value)) return { seconds: value.slice(0, -1) }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, protoForm(member)]))
}
