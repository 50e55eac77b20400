import { expect, test } from 'vitest'
import { type Stage, setStage, writeBatch } from './stage.ts'

interface Found {
  readonly ready: boolean
  readonly checks: readonly { name: string; status: string; says: string; fix?: readonly string[] }[]
}

async function examine(stage: Stage, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await stage.mayfly('doctor', ...args, '--json')
  if (stdout === '') throw new Error(stderr)
  const found = JSON.parse(stdout) as Found
  return { exitCode, ...found, faults: found.checks.filter(({ status }) => status !== 'ok') }
}

const uniform = { iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }

function setBucket({ google }: Stage, settings: object) {
  return fetch(`${google.url}/storage/v1/b/depot`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
}

test('a project that has all is ready, and only the machine itself could tell the rest', async () => {
  await using stage = await setStage()
  await setBucket(stage, uniform)
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: "true"' }) })
  // Under another of its names it answers all the same.
  stage.google.disable('storage.googleapis.com')

  const { exitCode, ready, checks, faults } = await examine(stage, 'batch.yaml', '--build-images')

  expect({ exitCode, ready }).toEqual({ exitCode: 0, ready: true })
  expect(checks.map(({ name }) => name)).toEqual([
    'credentials',
    'batch file',
    'APIs',
    'machines',
    'images',
    'bucket',
    'objects',
    'image',
    'us-central1-a',
    'us-central1-b',
    'CPUs in us-central1',
    'machine account',
    "machine's rights",
  ])
  expect(faults).toMatchObject([{ name: "machine's rights", status: 'unknown' }])
  // It has only read.
  expect(
    stage.google.requests().filter(({ method, name }) => method !== 'GET' && !/testIam/.test(name)),
  ).toMatchObject([{ name: 'storage.buckets.insert' }, { name: 'storage.buckets.patch' }])
  stage.expectNothingLeft()
})

test('every role that is missing is named with the command that gives it: 77', async () => {
  await using stage = await setStage()
  await setBucket(stage, uniform)
  const { google } = stage
  google.compute.deny('compute.instances.create')
  google.compute.deny('compute.disks.create')
  google.compute.deny('iam.serviceAccounts.actAs')
  google.deny({ bucket: 'depot', permission: 'storage.objects.create' })

  const { exitCode, faults } = await examine(stage, '--service-account', 'batch@acme.iam.gserviceaccount.com')

  expect(exitCode).toBe(77)
  expect(faults).toMatchObject([
    {
      name: 'machines',
      status: 'missing',
      says: 'the caller lacks compute.instances.create, compute.disks.create',
      fix: [
        'gcloud projects add-iam-policy-binding acme --member=user:YOUR_EMAIL --role=roles/compute.instanceAdmin.v1',
      ],
    },
    {
      name: 'objects',
      status: 'missing',
      says: 'the caller lacks storage.objects.create in gs://depot',
      fix: [
        'gcloud storage buckets add-iam-policy-binding gs://depot --member=user:YOUR_EMAIL --role=roles/storage.objectUser',
      ],
    },
    {
      name: 'machine account',
      status: 'missing',
      says: 'the caller lacks iam.serviceAccounts.actAs on batch@acme.iam.gserviceaccount.com',
      fix: [
        'gcloud iam service-accounts add-iam-policy-binding batch@acme.iam.gserviceaccount.com --project=acme --member=user:YOUR_EMAIL --role=roles/iam.serviceAccountUser',
      ],
    },
    {
      name: "machine's rights",
      fix: [
        'gcloud storage buckets add-iam-policy-binding gs://depot --member=serviceAccount:batch@acme.iam.gserviceaccount.com --role=roles/storage.objectUser',
      ],
    },
  ])
  stage.expectNothingLeft()
})

test('what is missing otherwise is told all at once: 64', async () => {
  await using stage = await setStage()
  stage.google.disable('compute.googleapis.com')
  stage.google.compute.quota('CPUS', { limit: 1 })
  await stage.write({
    'batch.yaml': writeBatch({ steps: '  - run: "true"', more: 'code: recommender@v1.4.0' })
      .replace('mayfly-local', 'ml-bacth')
      .replace('us-central1-b', 'us-central1-x'),
  })

  const { exitCode, faults } = await examine(stage, 'batch.yaml', '--bucket', 'depto')

  expect(exitCode).toBe(64)
  expect(Object.fromEntries(faults.map(({ name, says }) => [name, says]))).toMatchObject({
    APIs: 'compute.googleapis.com is not enabled',
    bucket: expect.stringContaining('gs://depto'),
    image: expect.stringContaining('no image family and no image named ml-bacth'),
    'us-central1-x': expect.stringContaining('us-central1-x'),
    'CPUs in us-central1': 'e2-small takes 2, and of CPUS there are 1 left of 1',
  })
  expect(faults.flatMap(({ fix = [] }) => fix)).toEqual(
    expect.arrayContaining([
      'gcloud services enable compute.googleapis.com --project=acme',
      'gcloud storage buckets create gs://depto --project=acme --location=us-central1 --uniform-bucket-level-access',
    ]),
  )
  stage.expectNothingLeft()
})

test('where an API does not answer, what it would have told is unknown, and the project not proven', async () => {
  await using stage = await setStage()
  await setBucket(stage, uniform)
  const disabled = {
    kind: 'status',
    status: 403,
    reason: 'PERMISSION_DENIED',
    message: 'Cloud Resource Manager API has not been used in project acme before or it is disabled.',
  } as const
  stage.google.inject({ ...disabled, route: 'cloudresourcemanager.projects.testIamPermissions' })
  stage.google.inject({ ...disabled, route: 'serviceusage.services.batchGet' })

  const { exitCode, faults } = await examine(stage)

  expect(exitCode).toBe(64)
  expect(faults).toMatchObject([
    {
      name: 'machines',
      status: 'unknown',
      says: expect.not.stringContaining('Whoever runs this needs'),
      fix: ['gcloud services enable cloudresourcemanager.googleapis.com --project=acme'],
    },
    { name: "machine's rights" },
  ])
})

test('a batch file with mistakes is told of with the rest', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': 'name: test\nmachin: {}\n' })

  const { exitCode, stdout } = await stage.mayfly('doctor', 'batch.yaml')

  expect(exitCode).toBe(64)
  expect(stdout).toMatch(/^✘ acme is not ready for batches: \d missing\n/)
  expect(stdout).toMatch(/✘ {2}batch file .*batch\.yaml:2:1: .*machine/)
  expect(stdout).toMatch(/✔ {2}objects /)
})

test('a machine proves the rest, when it is asked to', async () => {
  await using stage = await setStage()
  await setBucket(stage, uniform)

  const wanting = await stage.mayfly('doctor', '--boot')
  expect(wanting).toMatchObject({ exitCode: 64, stdout: '' })
  expect(wanting.stderr).toMatch(/2 problems\n {2}--image: .*\n {2}--zones: /)

  const { exitCode, faults, checks } = await examine(
    stage,
    '--boot',
    '--image=mayfly-local',
    '--zones=us-central1-a',
  )
  expect({ exitCode, faults }).toEqual({ exitCode: 0, faults: [] })
  expect(checks.at(-1)).toMatchObject({
    name: 'machine',
    says: expect.stringContaining('gs://depot/runs/doctor/'),
  })
  expect(await stage.objects()).toContainEqual(
    expect.stringMatching(/^runs\/doctor\/.*\/outputs\/proof\.txt$/),
  )
  stage.expectNothingLeft()
})

test('a batch for Google Cloud Batch needs its API, its roles, and room for all of its machines', async () => {
  await using stage = await setStage()
  await setBucket(stage, uniform)
  stage.google.disable('batch.googleapis.com')
  stage.google.compute.deny('batch.jobs.create')
  stage.google.compute.quota('CPUS', { limit: 24 })
  const more = 'code: none\nengine: cloud-batch\ntasks: { count: 900, parallelism: 500 }'
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - run: "true"', more }) })
  const { exitCode, faults } = await examine(stage, 'batch.yaml')
  expect(exitCode).toBe(77)
  expect(faults).toMatchObject([
    { name: "machine's rights", status: 'unknown' },
    { name: 'Batch', says: expect.stringMatching(/^batch\.googleapis\.com is not enabled/) },
    {
      name: 'jobs',
      says: 'the caller lacks batch.jobs.create',
      fix: [
        'gcloud projects add-iam-policy-binding acme --member=user:YOUR_EMAIL --role=roles/batch.jobsEditor',
      ],
    },
    {
      name: '500 machines in us-central1',
      status: 'warning',
      says: expect.stringMatching(/^e2-small takes 1000, and of CPUS there are \d+ left.*find no room wait/),
    },
    {
      name: "Batch's agent",
      status: 'unknown',
      fix: [
        expect.stringMatching(/--role=roles\/batch\.agentReporter$/),
        expect.stringMatching(/--role=roles\/logging\.logWriter$/),
      ],
    },
  ])
  stage.expectNothingLeft()
})
