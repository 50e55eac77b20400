import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { findTool, testWith } from '../tools.ts'
import { openLake } from './storage-calls.ts'

const gcloud = findTool('gcloud', ['gcloud', '--version'], false)
const execute = promisify(execFile)

/** Runs `gcloud storage …` in a fresh folder, against an emulator and nothing else. */
async function openGcloud(url: string) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-gcloud-'))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    CLOUDSDK_CONFIG: join(folder, 'config'),
    CLOUDSDK_CORE_PROJECT: 'acme',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
    // gcloud joins paths to this without a slash of its own.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${url}/storage/v1/`,
  }
  return {
    folder,
    async run(...words: string[]): Promise<string> {
      const { stdout } = await execute('gcloud', ['storage', ...words], { env, cwd: folder })
      return stdout
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

testWith(gcloud, 'gcloud storage copies in and out, lists, shows and removes', async () => {
  await using lake = await openLake()
  await using cli = await openGcloud(lake.emulator.url)
  const large = Buffer.alloc(9_000_000, 'large enough for a resumable upload ')
  await mkdir(join(cli.folder, 'data/deep'), { recursive: true })
  await writeFile(join(cli.folder, 'data/small.csv'), 'a,b\n')
  await writeFile(join(cli.folder, 'data/deep/large.bin'), large)

  await cli.run('cp', '-r', 'data', 'gs://lake/')
  expect((await lake.list('')).names).toEqual(['data/deep/large.bin', 'data/small.csv'])
  expect(await cli.run('ls', 'gs://lake/data/')).toBe('gs://lake/data/small.csv\ngs://lake/data/deep/\n')
  expect(await cli.run('ls', 'gs://lake/**.csv')).toBe('gs://lake/data/small.csv\n')
  expect(await cli.run('cat', 'gs://lake/data/small.csv')).toBe('a,b\n')
  await cli.run('cp', 'gs://lake/data/deep/large.bin', 'back.bin')
  expect(large.equals(await readFile(join(cli.folder, 'back.bin')))).toBe(true)
  await cli.run('rm', '-r', 'gs://lake/data')
  expect((await lake.list('')).names).toEqual([])
  expect(lake.emulator.unknown()).toEqual([])
})

testWith(gcloud, 'gcloud storage creates a bucket, and an object only once', async () => {
  await using lake = await openLake()
  await using cli = await openGcloud(lake.emulator.url)
  await writeFile(join(cli.folder, 'claim'), 'mine')
  await lake.put('claim', 'theirs')

  await cli.run('buckets', 'create', 'gs://sea')
  expect(await cli.run('ls')).toBe('gs://lake/\ngs://sea/\n')
  const create = cli.run('cp', '--if-generation-match=0', 'claim', 'gs://lake/claim')
  await expect(create).rejects.toThrow(/412: At least one of the pre-conditions/)
  expect((await lake.read('claim')).text).toBe('theirs')
  expect(lake.emulator.unknown()).toEqual([])
})
