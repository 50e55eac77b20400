import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { findTool, testWith } from '../tools.ts'

const gcloud = findTool('gcloud', ['gcloud', '--version'], false)
const execute = promisify(execFile)

/** Runs `gcloud compute …` against an emulator, and nothing else. */
async function openGcloud(url: string) {
  const config = await mkdtemp(join(tmpdir(), 'mayfly-gcloud-'))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: config,
    CLOUDSDK_CONFIG: config,
    CLOUDSDK_CORE_PROJECT: 'acme',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/`,
  }
  return {
    async run(command: string): Promise<string> {
      const { stdout } = await execute('gcloud', ['compute', ...command.split(' ')], { env })
      return stdout.trim()
    },
    [Symbol.asyncDispose]: () => rm(config, { recursive: true, force: true }),
  }
}

testWith(gcloud, 'gcloud creates, lists, describes and deletes instances', async () => {
  await using emulator = await startEmulator()
  await using cli = await openGcloud(emulator.url)
  const zone = '--zone=us-central1-a'

  await cli.run(
    `instances create vm-1 vm-2 ${zone} --machine-type=e2-small --image-family=mayfly-local --image-project=acme \
--labels=run=r1 --max-run-duration=1h --instance-termination-action=DELETE`,
  )
  const name = '--format=value(name)'
  expect(await cli.run(`instances list --filter=labels.run=r1 ${name}`)).toBe('vm-1\nvm-2')
  expect(await cli.run(`instances list --filter=labels.run=r2 ${name}`)).toBe('')
  expect(
    await cli.run(
      `instances describe vm-1 ${zone} --format=value(status,machineType.basename(),scheduling.maxRunDuration.seconds)`,
    ),
  ).toBe('RUNNING\te2-small\t3600')
  await cli.run(`instances delete vm-1 vm-2 ${zone}`)
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.compute.disks()).toEqual([])
  expect(emulator.unknown()).toEqual([])
})

testWith(gcloud, 'gcloud reads images, and the error of an operation', async () => {
  await using emulator = await startEmulator()
  await using cli = await openGcloud(emulator.url)

  expect(
    await cli.run('images describe-from-family debian-12 --project=debian-cloud --format=value(family)'),
  ).toBe('debian-12')
  expect(await cli.run('images list --format=value(name)')).toContain('mayfly-local')

  emulator.compute.quota('CPUS', { limit: 24, region: 'us-central1' })
  const create = 'instances create vm-1 --zone=us-central1-a --image-family=mayfly-local --image-project=acme'
  await expect(cli.run(create)).rejects.toThrow("Quota 'CPUS' exceeded.  Limit: 24.0 in region us-central1.")
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.unknown()).toEqual([])
})
