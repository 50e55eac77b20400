import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { BatchServiceClient, type protos } from '@google-cloud/batch'
import { GoogleAuth, OAuth2Client } from 'google-auth-library'
import { expect, test } from 'vitest'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/index.ts'
import { until } from './compute-calls.ts'

type Options = NonNullable<ConstructorParameters<typeof BatchServiceClient>[0]>
type Job = protos.google.cloud.batch.v1.IJob

const parent = 'projects/acme/locations/us-central1'
const quick: EmulatorOptions = { compute: { delayMs: 0 }, batch: { retryMs: 20 } }

function openClient({ port }: Emulator): BatchServiceClient {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'any' })
  const auth = new GoogleAuth({ authClient })
  return new BatchServiceClient({
    apiEndpoint: '127.0.0.1',
    port,
    protocol: 'http',
    fallback: true,
    auth,
  } as unknown as Options)
}

/** A job of small spot VMs that runs a script for each of its tasks. */
function makeJob(text: string, taskCount: number, parallelism: number, spec: object = {}): Job {
  return {
    labels: { tool: 'test' },
    taskGroups: [
      {
        taskCount,
        parallelism,
        taskSpec: {
          runnables: [{ script: { text } }],
          environment: { variables: { GREETING: "it's me" } },
          maxRunDuration: { seconds: 60 },
          ...spec,
        },
      },
    ],
    allocationPolicy: {
      location: { allowedLocations: ['zones/us-central1-a', 'zones/us-central1-b'] },
      instances: [
        {
          policy: {
            machineType: 'e2-small',
            provisioningModel: 'SPOT',
            bootDisk: { image: 'projects/acme/global/images/family/mayfly-local' },
          },
        },
      ],
      labels: { run: 'r1' },
    },
  }
}

async function waitForEnd(client: BatchServiceClient, name: string) {
  return until(async () => {
    const [job] = await client.getJob({ name })
    return /SUCCEEDED|FAILED|CANCELLED/.test(String(job.status?.state)) && job
  })
}

/** Exit codes of a task's failures, in order. */
async function listFailures(client: BatchServiceClient, job: string, index: number) {
  const [task] = await client.getTask({ name: `${job}/taskGroups/group0/tasks/${index}` })
  const codes = (task.status?.statusEvents ?? []).flatMap(
    ({ taskExecution }) => taskExecution?.exitCode ?? [],
  )
  return { state: task.status?.state, codes }
}

/** A folder on this computer that tasks write into. */
const place = (emulator: Emulator) => `${emulator.stateDir}/said`

async function readSaid(emulator: Emulator): Promise<readonly string[]> {
  return (await readFile(place(emulator), 'utf8').catch(() => '')).split('\n').filter(Boolean)
}

test("Google's own client runs a job: tasks one after another on as many VMs as may run at once", async () => {
  await using emulator = await startEmulator(quick)
  const client = openClient(emulator)
  const text = `echo "$BATCH_TASK_INDEX/$BATCH_TASK_COUNT $BATCH_TASK_RETRY_ATTEMPT $GREETING $MAYFLY_MACHINE" >>${place(emulator)}`
  const request = { parent, jobId: 'job-1', requestId: randomUUID(), job: makeJob(text, 5, 2) }
  const [created] = await client.createJob(request)
  expect(created.name).toBe(`${parent}/jobs/job-1`)
  expect(created.status?.state).toBe('QUEUED')

  const job = await waitForEnd(client, created.name as string)
  expect(job).toMatchObject({
    uid: created.uid,
    labels: { tool: 'test' },
    status: { state: 'SUCCEEDED' },
  })
  expect(
    job.status?.statusEvents?.map(({ description }) => /to (\w+) for job/.exec(description ?? '')?.[1]),
  ).toEqual(['QUEUED', 'SCHEDULED', 'RUNNING', 'SUCCEEDED'])
  expect(String(job.status?.taskGroups?.group0?.counts?.SUCCEEDED)).toBe('5')

  const said = await readSaid(emulator)
  expect(said.map((line) => line.replace(/ \d+$/, '')).sort()).toEqual(
    [0, 1, 2, 3, 4].map((index) => `${index}/5 0 it's me`),
  )
  expect(new Set(said.map((line) => line.split(' ').at(-1))).size).toBe(2)
  const [tasks] = await client.listTasks({
    parent: `${job.name}/taskGroups/group0`,
    filter: 'State=SUCCEEDED',
  })
  expect(tasks.map(({ name }) => name?.split('/').at(-1))).toEqual(['0', '1', '2', '3', '4'])
  await until(() => emulator.compute.instances().length === 0)

  // The same request again is the same job; another one of its name is refused.
  const [again] = await client.createJob(request)
  expect(again.uid).toBe(created.uid)
  await expect(client.createJob({ ...request, requestId: randomUUID() })).rejects.toThrow(/already exists/)
  const [jobs] = await client.listJobs({ parent, filter: 'labels.tool=test' })
  expect(jobs.map(({ name }) => name)).toEqual([job.name])

  const [deletion] = await client.deleteJob({ name: job.name as string })
  await deletion.promise()
  await expect(client.getJob({ name: job.name as string })).rejects.toThrow(/not found/)
  expect(emulator.unknown()).toEqual([])
})

test('exit codes decide what is retried, and the rest of the tasks go on', async () => {
  await using emulator = await startEmulator(quick)
  const client = openClient(emulator)
  const text =
    '[ "$BATCH_TASK_INDEX" = 0 ] && exit 7; [ "$BATCH_TASK_INDEX$BATCH_TASK_RETRY_ATTEMPT" = 10 ] && exit 8; exit 0'
  const policy = [{ action: 'RETRY_TASK' as const, actionCondition: { exitCodes: [8] } }]
  const job = makeJob(text, 3, 1, { maxRetryCount: 2, lifecyclePolicies: policy })
  const [{ name }] = await client.createJob({ parent, jobId: 'codes', job })
  const { status } = await waitForEnd(client, name as string)
  expect(status?.state).toBe('FAILED')
  expect(await listFailures(client, name as string, 0)).toEqual({ state: 'FAILED', codes: [7] })
  expect(await listFailures(client, name as string, 1)).toEqual({ state: 'SUCCEEDED', codes: [8] })
  expect(await listFailures(client, name as string, 2)).toEqual({ state: 'SUCCEEDED', codes: [] })
})

test('a preempted VM is 50001, a rebooted one 50003, one whose host fails 50002, and a task out of time 50005', async () => {
  await using emulator = await startEmulator(quick)
  const client = openClient(emulator)
  const text = `echo "$BATCH_TASK_INDEX $BATCH_TASK_RETRY_ATTEMPT" >>${place(emulator)}; [ "$BATCH_TASK_RETRY_ATTEMPT" = 0 ] && sleep 1000; exit 0`
  const retry = { action: 'RETRY_TASK' as const, actionCondition: { exitCodes: [50001, 50002, 50003] } }
  const spec = { maxRetryCount: 3, lifecyclePolicies: [retry] }
  const [{ name }] = await client.createJob({ parent, jobId: 'losses', job: makeJob(text, 3, 3, spec) })
  await until(async () => (await readSaid(emulator)).length === 3)
  const ofTask = async (index: number) => {
    const [task] = await client.getTask({ name: `${name}/taskGroups/group0/tasks/${index}` })
    return /instances\/(\S+)\.$/.exec(task.status?.statusEvents?.at(-1)?.description ?? '')?.[1] ?? ''
  }
  emulator.compute.preempt(await ofTask(0))
  emulator.compute.hostError(await ofTask(1))
  emulator.compute.reboot(await ofTask(2))
  const { status } = await waitForEnd(client, name as string)
  expect(status?.state).toBe('SUCCEEDED')
  const codes = await Promise.all([0, 1, 2].map((index) => listFailures(client, name as string, index)))
  expect(codes.map((each) => each.codes)).toEqual([[50001], [50002], [50003]])

  const late = makeJob('sleep 1000', 1, 1, { maxRunDuration: { seconds: 1 }, ...spec })
  const [{ name: lateName }] = await client.createJob({ parent, jobId: 'late', job: late })
  await waitForEnd(client, lateName as string)
  expect(await listFailures(client, lateName as string, 0)).toEqual({ state: 'FAILED', codes: [50005] })
})

test('without room or quota a job waits and says why; it is cancelled, and nothing is left', async () => {
  await using emulator = await startEmulator(quick)
  const client = openClient(emulator)
  emulator.compute.quota('CPUS', { region: 'us-central1' })
  const [{ name }] = await client.createJob({ parent, jobId: 'waits', job: makeJob('exit 0', 2, 2) })
  const events = await until(async () => {
    const [{ status }] = await client.getJob({ name: name as string })
    const told = status?.statusEvents?.filter(({ type }) => type === 'OPERATIONAL_INFO') ?? []
    return told.length > 0 && told
  })
  expect(events[0]?.description).toMatch(
    /code - CODE_GCE_QUOTA_EXCEEDED, description - error count is \d+, latest message example: Instance '.*' creation failed: Quota 'CPUS' exceeded\. {2}Limit: 0\.0 in region us-central1/,
  )
  emulator.compute.relieve()
  emulator.compute.stockout('us-central1-a')
  await waitForEnd(client, name as string)

  const [{ name: second }] = await client.createJob({
    parent,
    jobId: 'second',
    job: makeJob('sleep 1000', 3, 2),
  })
  await until(async () => {
    const [{ status }] = await client.getJob({ name: second as string })
    return status?.state === 'RUNNING'
  })
  const [operation] = await client.cancelJob({ name: second as string })
  await operation.promise()
  const [cancelled] = await client.getJob({ name: second as string })
  expect(cancelled.status?.state).toBe('CANCELLED')
  expect(emulator.compute.instances()).toEqual([])
  expect(await listFailures(client, second as string, 2)).toMatchObject({ state: 'UNEXECUTED' })
})

test.each([
  ['a count above the limit', makeJob('exit 0', 100_001, 1), /task_count is invalid: 100001/],
  ['a parallelism above the limit', makeJob('exit 0', 9999, 5001), /parallelism is invalid: 5001/],
  ['too many retries', makeJob('exit 0', 1, 1, { maxRetryCount: 11 }), /max_retry_count is invalid: 11/],
  ['a job above 1 MB', makeJob('x'.repeat(1e6), 1, 1), /above the limit of 1 MB/],
  ['no runnable', makeJob('', 1, 1, { runnables: [] }), /runnables is invalid/],
])('%s is refused', async (_, job, message) => {
  await using emulator = await startEmulator()
  const client = openClient(emulator)
  await expect(client.createJob({ parent, jobId: 'bad', job })).rejects.toThrow(message)
  await expect(client.createJob({ parent, jobId: 'Bad', job })).rejects.toThrow(/job_id is invalid/)
})

test('the next emulator goes on with a job: what ran is lost and retried, what was done stays done', async () => {
  const stateDir = await mkdtemp(`${tmpdir()}/mayfly-batch-`)
  try {
    const retry = { action: 'RETRY_TASK' as const, actionCondition: { exitCodes: [50002] } }
    const text = `echo "$BATCH_TASK_INDEX $BATCH_TASK_RETRY_ATTEMPT" >>${stateDir}/said; [ "$BATCH_TASK_INDEX$BATCH_TASK_RETRY_ATTEMPT" = 10 ] && sleep 1000; exit 0`
    const job = makeJob(text, 3, 1, { maxRetryCount: 1, lifecyclePolicies: [retry] })
    await using first = await startEmulator({ ...quick, stateDir })
    await openClient(first).createJob({ parent, jobId: 'long', job })
    await until(async () => (await readSaid(first)).length === 2)
    await first[Symbol.asyncDispose]()

    await using second = await startEmulator({ ...quick, stateDir })
    const client = openClient(second)
    const { status } = await waitForEnd(client, `${parent}/jobs/long`)
    expect(status?.state).toBe('SUCCEEDED')
    expect(await readSaid(second)).toEqual(['0 0', '1 0', '1 1', '2 0'])
    expect(await listFailures(client, `${parent}/jobs/long`, 1)).toEqual({
      state: 'SUCCEEDED',
      codes: [50002],
    })
    await until(() => second.compute.instances().length === 0)
  } finally {
    await rm(stateDir, { recursive: true, force: true })
  }
})
