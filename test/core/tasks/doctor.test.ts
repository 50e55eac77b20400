import { expect, test } from 'vitest'
import { judgeBucket } from '../../../core/tasks/doctor/bucket.ts'
import { judgeQuota } from '../../../core/tasks/doctor/quota.ts'
import { nameMember } from '../../../core/tasks/doctor/roles.ts'
import type { BucketRecord } from '../../../core/world.ts'

const good: BucketRecord = {
  location: 'US-CENTRAL1',
  uniformAccess: true,
  softDeleteSeconds: 0,
  retentionSeconds: 0,
  holds: false,
  expires: false,
  requesterPays: false,
}

test.each<[string, Partial<BucketRecord>, RegExp, string?]>([
  ['another region', { location: 'US-EAST1' }, /it is in us-east1 and the machines are in us-central1/],
  ['another continent', { location: 'EU' }, /it is in eu and/],
  ['access lists', { uniformAccess: false }, /access lists/, '--uniform-bucket-level-access'],
  ['retention', { retentionSeconds: 604800 }, /overwritten or deleted for 7 d/, '--clear-retention-period'],
  ['holds', { holds: true }, /held/, '--no-default-event-based-hold'],
  ['lifecycle', { expires: true }, /lifecycle rule deletes/],
  ['requester pays', { requesterPays: true }, /requester pays/, '--no-requester-pays'],
])('a bucket is warned of: %s', (_, settings, says, flag) => {
  const [bucket, warning, ...more] = judgeBucket('depot', { ...good, ...settings }, ['us-central1'])

  expect(bucket?.status).toBe('ok')
  expect(warning).toMatchObject({ status: 'warning', says: expect.stringMatching(says) })
  expect(warning?.fix).toEqual(flag && [`gcloud storage buckets update gs://depot ${flag}`])
  expect(more).toEqual([])
})

test.each(['US', 'US-CENTRAL1', 'NAM4'])('a bucket in %s is near machines of us-central1', (location) => {
  expect(judgeBucket('depot', { ...good, location }, ['us-central1'])).toHaveLength(1)
})

test('soft delete is told of', () => {
  expect(judgeBucket('depot', { ...good, softDeleteSeconds: 604800 }, [])[0]?.says).toMatch(
    /paid for, for 7 d/,
  )
})

const quotas = [
  { metric: 'CPUS', limit: 24, usage: 20 },
  { metric: 'N2_CPUS', limit: 8, usage: 0 },
  { metric: 'PREEMPTIBLE_CPUS', limit: 100, usage: 0 },
]

test.each<[string, { name?: string; cpus?: number; spot?: boolean }, string, RegExp]>([
  ['any machine', {}, 'ok', /^free: 4 of 24 CPUS$/],
  ['one that fits', { name: 'e2-standard-4', cpus: 4 }, 'ok', /4 of 24 CPUS, and e2-standard-4 takes 4/],
  [
    'one too large',
    { name: 'e2-standard-8', cpus: 8 },
    'missing',
    /takes 8, and of CPUS there are 4 left of 24/,
  ],
  ['a family with a quota of its own', { name: 'n2-standard-8', cpus: 8 }, 'ok', /8 of 8 N2_CPUS/],
  ['a family without one', { name: 'm1-megamem-96', cpus: 96 }, 'missing', /of CPUS there are 4/],
  ['a spot machine', { name: 'e2-standard-8', cpus: 8, spot: true }, 'ok', /100 of 100 PREEMPTIBLE_CPUS/],
])('quota for %s', (_, { name, cpus, spot = false }, status, says) => {
  const machine = name === undefined || cpus === undefined ? undefined : { name, cpus }
  const finding = judgeQuota(quotas, { machine, spot, region: 'us-central1', project: 'acme' })

  expect(finding).toMatchObject({ status, says: expect.stringMatching(says) })
})

test('more quota is asked for by the id of the one that is short', () => {
  const want = { spot: false, region: 'us-central1', project: 'acme' }
  const ask = 'gcloud beta quotas preferences create --project=acme --service=compute.googleapis.com'

  expect(judgeQuota(quotas, { ...want, machine: { name: 'n2-standard-16', cpus: 16 } }).fix).toEqual([
    `${ask} --quota-id=N2-CPUS-per-project-region --preferred-value=16 --dimensions=region=us-central1`,
  ])
  const global = [...quotas, { metric: 'CPUS_ALL_REGIONS', limit: 12, usage: 10 }]
  expect(judgeQuota(global, { ...want, machine: { name: 'e2-standard-4', cpus: 4 } }).fix).toEqual([
    `${ask} --quota-id=CPUS-ALL-REGIONS-per-project --preferred-value=14`,
  ])
})

test.each([
  ['batch@acme.iam.gserviceaccount.com', 'serviceAccount:batch@acme.iam.gserviceaccount.com'],
  ['ada@example.com', 'user:ada@example.com'],
  [undefined, 'user:YOUR_EMAIL'],
])('gcloud calls %s %s', (email, member) => {
  expect(nameMember(email)).toBe(member)
})
