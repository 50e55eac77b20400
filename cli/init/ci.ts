import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPackage } from '../../adapters/package.ts'

/** The CI systems that Mayfly has pipelines for, and which file of the examples goes where. */
const pipelines = {
  github: {
    'github/release.yml': '.github/workflows/mayfly-release.yml',
    'github/image.yml': '.github/workflows/mayfly-image.yml',
    'github/nightly.yml': '.github/workflows/mayfly-nightly.yml',
  },
  drone: { 'drone/drone.yml': '.drone.yml' },
  woodpecker: {
    'woodpecker/release.yml': '.woodpecker/mayfly-release.yml',
    'woodpecker/image.yml': '.woodpecker/mayfly-image.yml',
    'woodpecker/nightly.yml': '.woodpecker/mayfly-nightly.yml',
  },
} as const

export type CiSystem = keyof typeof pipelines

export const ciSystems = Object.keys(pipelines) as readonly CiSystem[]

/** Whether a remote's address leads to GitHub, or to a GitHub Enterprise that is called so. */
export function isGithub(remote: string): boolean {
  const [, host = ''] = /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^/:]+)/i.exec(remote) ?? []
  return /^github\.|\.ghe\.com$/i.test(host)
}

/** What takes the place of the examples' own names. */
export interface Names {
  readonly project: string
  readonly bucket: string
  /** Of the batch. */
  readonly name: string
  /** Of the releases that upload-code makes here. */
  readonly release: string
  readonly family: string
  readonly zones: readonly string[]
  /** Of the repository that has Mayfly's actions and images. */
  readonly owner: string
  /** The workload identity provider, whole. */
  readonly identityProvider: string
}

/** The names that the examples have, which are also what is written where nobody knows better. */
export const exampleNames = {
  project: 'acme-ml',
  bucket: 'acme-mayfly',
  release: 'penguins',
  family: 'ml-batch',
  owner: 'OWNER',
  identityProvider: 'projects/123456789/locations/global/workloadIdentityPools/github/providers/acme',
} as const

const exampleZones = 'us-central1-a, us-central1-b'

/** The pipelines of a CI system: the examples, with a repository's own names. */
export function writePipelines(ci: CiSystem, names: Names): readonly { path: string; text: string }[] {
  const places = new Map<string, string>([
    ...(Object.keys(exampleNames) as (keyof typeof exampleNames)[]).map((name): [string, string] => [
      exampleNames[name],
      names[name],
    ]),
    [exampleZones, names.zones.join(', ')],
  ])
  // At once, since a name may hold another's example; the longest first.
  const pattern = new RegExp([...places.keys()].sort((a, b) => b.length - a.length).join('|'), 'g')
  return Object.entries(pipelines[ci]).map(([from, path]) => ({
    path,
    text: readFileSync(join(findPackage(), 'examples/pipelines', from), 'utf8').replace(
      pattern,
      (word) => places.get(word) ?? word,
    ),
  }))
}
