import { invalid } from './errors.ts'
import { regionOf } from './links.ts'

/** Google's regions: https://cloud.google.com/compute/docs/regions-zones */
export const regions: readonly string[] = [
  'africa-south1',
  ...['asia-east1', 'asia-east2', 'asia-northeast1', 'asia-northeast2', 'asia-northeast3'],
  ...['asia-south1', 'asia-south2', 'asia-southeast1', 'asia-southeast2', 'asia-southeast3'],
  ...['australia-southeast1', 'australia-southeast2'],
  ...['europe-central2', 'europe-north1', 'europe-north2', 'europe-southwest1'],
  ...[1, 2, 3, 4, 6, 8, 9, 10, 12].map((number) => `europe-west${number}`),
  ...['me-central1', 'me-central2', 'me-west1'],
  ...['northamerica-northeast1', 'northamerica-northeast2', 'northamerica-south1'],
  ...['southamerica-east1', 'southamerica-west1'],
  ...['us-central1', 'us-east1', 'us-east4', 'us-east5', 'us-south1'],
  ...['us-west1', 'us-west2', 'us-west3', 'us-west4'],
]

/** The letters of a region's zones where they are not a, b and c. */
const letters: Readonly<Record<string, string>> = {
  'europe-west1': 'bcd',
  'us-central1': 'abcf',
  'us-east1': 'bcd',
}

export const zones: readonly string[] = regions.flatMap((region) =>
  [...(letters[region] ?? 'abc')].map((letter) => `${region}-${letter}`),
)

const creationTimestamp = '1969-12-31T16:00:00.000-08:00'

/** A zone or a region, as far as anything here reads it. */
export interface Place {
  readonly id: string
  readonly name: string
  readonly selfLink: string
  readonly [other: string]: unknown
}

export function makeZone(project: string, name: string): Place {
  return {
    kind: 'compute#zone',
    id: String(2000 + zones.indexOf(name)),
    creationTimestamp,
    name,
    description: name,
    status: 'UP',
    region: `projects/${project}/regions/${regionOf(name)}`,
    selfLink: `projects/${project}/zones/${name}`,
  }
}

export interface QuotaView {
  readonly metric: string
  readonly limit: number
  readonly usage: number
}

export function makeRegion(project: string, name: string, quotas: readonly QuotaView[]): Place {
  return {
    kind: 'compute#region',
    id: String(1000 + regions.indexOf(name)),
    creationTimestamp,
    name,
    description: name,
    status: 'UP',
    zones: zones.filter((zone) => regionOf(zone) === name).map((zone) => `projects/${project}/zones/${zone}`),
    quotas,
    selfLink: `projects/${project}/regions/${name}`,
  }
}

/** Throws 400, as Google does, for a zone that does not exist. */
export function checkZone(zone: string): void {
  if (zones.includes(zone)) return
  throw invalid('zone', zone, 'Unknown zone.')
}
