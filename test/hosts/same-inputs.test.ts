import { expect, test } from 'vitest'
import { openPluginHost } from '../../adapters/hosts/detect.ts'
import { openGithubHost } from '../../adapters/hosts/github.ts'
import { openTerminalHost } from '../../adapters/hosts/terminal.ts'
import { type Fields, readInputs } from '../../core/fields.ts'
import type { Host } from '../../core/host.ts'
import { buildImage } from '../../core/tasks/build-image/task.ts'
import { runBatch } from '../../core/tasks/run-batch/task.ts'
import { uploadCode } from '../../core/tasks/upload-code/task.ts'
import { echo } from './fixtures/echo.ts'
import { openSilence } from './fixtures/silence.ts'

interface Case {
  readonly fields: Fields
  readonly github: Record<string, string>
  readonly drone: Record<string, string>
  readonly argv: readonly string[]
  readonly inputs: Record<string, unknown>
}

const cases: Record<string, Case> = {
  echo: {
    fields: echo.fields,
    github: { machine_type: 'n2', tags: 'a\nb', params: 'date=2026-11-01\nnote=x=y', loud: 'true', say: '' },
    drone: { machine_type: 'n2', tags: 'a,b', params: '{"date":"2026-11-01","note":"x=y"}', loud: 'true' },
    argv: [
      '--machine-type',
      'n2',
      '--tags',
      'a',
      '--tags',
      'b',
      '--loud',
      '--params',
      'date=2026-11-01',
      '--params',
      'note=x=y',
    ],
    inputs: {
      machineType: 'n2',
      tags: ['a', 'b'],
      params: { date: '2026-11-01', note: 'x=y' },
      loud: true,
      say: 'hello',
      hold: false,
      token: undefined,
    },
  },
  'run-batch': {
    fields: runBatch.fields,
    github: {
      batch: 'b.yaml',
      params: 'date=2026-11-01',
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      wait: 'false',
    },
    drone: {
      batch: 'b.yaml',
      params: '{"date":"2026-11-01"}',
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      wait: 'false',
    },
    argv: ['b.yaml', '--param', 'date=2026-11-01', '--project=acme-ml', '--bucket=acme-mayfly', '--no-wait'],
    inputs: {
      batch: 'b.yaml',
      params: { date: '2026-11-01' },
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      wait: false,
    },
  },
  'build-image': {
    fields: buildImage.fields,
    github: {
      family: 'ml-batch',
      playbook: 'site.yml',
      zones: 'us-central1-a, us-central1-b',
      variables: 'r_version=4.4',
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      internal_ip: 'true',
    },
    drone: {
      family: 'ml-batch',
      playbook: 'site.yml',
      zones: 'us-central1-a,us-central1-b',
      variables: '{"r_version":"4.4"}',
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      internal_ip: 'true',
    },
    argv: [
      '--family=ml-batch',
      '--playbook=site.yml',
      '--zones=us-central1-a',
      '--zones=us-central1-b',
      '--var=r_version=4.4',
      '--project=acme-ml',
      '--bucket=acme-mayfly',
      '--internal-ip',
    ],
    inputs: {
      family: 'ml-batch',
      playbook: 'site.yml',
      zones: ['us-central1-a', 'us-central1-b'],
      variables: { r_version: '4.4' },
      project: 'acme-ml',
      bucket: 'acme-mayfly',
      internalIp: true,
    },
  },
  'upload-code': {
    fields: uploadCode.fields,
    github: { tag: 'v1.4.0', project: 'acme-ml', bucket: 'acme-mayfly', dry_run: 'true' },
    drone: { tag: 'v1.4.0', project: 'acme-ml', bucket: 'acme-mayfly', dry_run: 'true' },
    argv: ['v1.4.0', '--project', 'acme-ml', '--bucket', 'acme-mayfly', '--dry-run'],
    inputs: { tag: 'v1.4.0', project: 'acme-ml', bucket: 'acme-mayfly', dryRun: true },
  },
}

function prefix(values: Record<string, string>, with_: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [with_ + name.toUpperCase(), value]),
  )
}

function openHosts({ fields, github, drone, argv }: Case): readonly Host[] {
  const settings = prefix(drone, 'PLUGIN_')
  return [
    openGithubHost({ ...prefix(github, 'INPUT_'), INPUT_MATRIX: 'null' }, openSilence()),
    openPluginHost({ ...settings, DRONE: 'true', PLUGIN_ARTIFACT_FILE: '/tmp/artifact' }, openSilence()),
    openPluginHost({ ...settings, CI: 'woodpecker', DRONE: 'true' }, openSilence()),
    openTerminalHost(argv, fields, {}, openSilence()),
  ]
}

test.each(Object.keys(cases))('%s is given the same through every door', (name) => {
  const one = cases[name] as Case
  const hosts = openHosts(one)

  const inputs = hosts.map((host) => readInputs(one.fields, { ...host, given: host.given() }))

  expect(hosts.map((host) => host.name)).toEqual(['GitHub', 'Drone', 'Woodpecker', 'terminal'])
  for (const read of inputs) expect(read).toEqual({ ...inputs[0], ...one.inputs })
})
