import { invalid } from './errors.ts'
import { regionOf } from './links.ts'

/** The zones that the local cloud has. */
export const zones: readonly string[] = [
  ...['a', 'b', 'c', 'f'].map((letter) => `us-central1-${letter}`),
  ...['b', 'c', 'd'].map((letter) => `europe-west1-${letter}`),
  ...['a', 'b', 'c'].map((letter) => `asia-northeast1-${letter}`),
]

export const regions: readonly string[] = [...new Set(zones.map(regionOf))]

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

export function makeRegion(project: string, name: string): Place {
  return {
    kind: 'compute#region',
    id: String(1000 + regions.indexOf(name)),
    creationTimestamp,
    name,
    description: name,
    status: 'UP',
    zones: zones.filter((zone) => regionOf(zone) === name).map((zone) => `projects/${project}/zones/${zone}`),
    quotas: [],
    selfLink: `projects/${project}/regions/${name}`,
  }
}

/** Throws 400, as Google does, for a zone that does not exist. */
export function checkZone(zone: string): void {
  if (zones.includes(zone)) return
  throw invalid('zone', zone, 'Unknown zone.')
}
