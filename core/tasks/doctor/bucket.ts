import { regionOf } from '../../names.ts'
import { formatDuration } from '../../units.ts'
import type { BucketRecord } from '../../world.ts'
import { type Check, findLacking, look } from './check.ts'
import { grantOnBucket, objects } from './roles.ts'
import type { Visit } from './visit.ts'

type Finding = Omit<Check, 'name'>

/** The bucket itself: where it is, and which of its settings harm. */
export function checkBucket({ ask, survey, zones }: Visit): Promise<readonly Check[]> {
  const { bucket, project } = ask
  const regions = [...new Set(zones.map(regionOf))]
  const place = regions[0] ?? 'LOCATION'
  const create = `gcloud storage buckets create gs://${bucket} --project=${project} --location=${place} --uniform-bucket-level-access`
  return look('bucket', async () => judgeBucket(bucket, await survey.bucket(bucket), regions), {
    absent: [create],
  })
}

/** What a bucket's settings mean for a depot whose machines are in these regions. */
export function judgeBucket(
  bucket: string,
  record: BucketRecord,
  regions: readonly string[],
): readonly Finding[] {
  const { location, uniformAccess, softDeleteSeconds, retentionSeconds } = record
  const change = (flag: string) => [`gcloud storage buckets update gs://${bucket} ${flag}`]
  const warn = (says: string, flag?: string): Finding => ({
    status: 'warning',
    says,
    ...(flag !== undefined && { fix: change(flag) }),
  })
  const far = regions.filter((region) => !isNear(location, region))
  const kept =
    softDeleteSeconds === 0
      ? ''
      : `; what is deleted is kept, and paid for, for ${formatDuration(softDeleteSeconds)}`
  return [
    { status: 'ok', says: `gs://${bucket} in ${location.toLowerCase()}${kept}` },
    ...(far.length > 0
      ? [
          warn(
            `it is in ${location.toLowerCase()} and the machines are in ${far.join(', ')}: slower, and paid for`,
          ),
        ]
      : []),
    ...(uniformAccess
      ? []
      : [
          warn(
            'its objects have access lists of their own, which roles do not show',
            '--uniform-bucket-level-access',
          ),
        ]),
    ...(retentionSeconds === 0
      ? []
      : [
          warn(
            `nothing in it can be overwritten or deleted for ${formatDuration(retentionSeconds)}`,
            '--clear-retention-period',
          ),
        ]),
    ...(record.holds
      ? [warn('new objects are held and cannot be overwritten', '--no-default-event-based-hold')]
      : []),
    ...(record.expires
      ? [warn('a lifecycle rule deletes objects: releases and results may go before they are wanted')]
      : []),
    ...(record.requesterPays
      ? [warn('the requester pays, which Mayfly does not offer to do', '--no-requester-pays')]
      : []),
  ]
}

/** A bucket's place holds a machine's region, as far as its name tells; of places with names of their own it does not. */
function isNear(location: string, region: string): boolean {
  const place = location.toLowerCase()
  const continent = region.split('-')[0] ?? ''
  if (place === 'us' || place === 'asia') return continent === place
  if (place === 'eu') return continent === 'europe'
  return !place.includes('-') || place === region
}

/** What the caller may do in the bucket. */
export function checkObjects({ ask, survey, member }: Visit): Promise<readonly Check[]> {
  const { bucket } = ask
  const { permissions, role, what } = objects
  return look('objects', async () => {
    const lacking = findLacking(permissions, await survey.heldOnBucket(bucket, permissions))
    if (lacking.length === 0) return { status: 'ok', says: `the caller may ${what} in gs://${bucket}` }
    const fix = [grantOnBucket(bucket, member, role)]
    return {
      status: 'missing',
      role: true,
      says: `the caller lacks ${lacking.join(', ')} in gs://${bucket}`,
      fix,
    }
  })
}
