import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmulator } from '../emulator/index.ts'
import { measure, median, spread } from './measure.ts'
import { printTable, showRatio } from './table.ts'
import { commitAndTag, makeFolder, root } from './workplace.ts'

const rounds = 3

/** upload-code against `git archive | gzip | cat` of the same tree on the same machine. */
export async function benchUpload(): Promise<void> {
  const rows = [['tree', 'git archive | gzip', 'upload-code', 'time', 'peak memory']]
  for (const tree of trees) {
    await using folder = await makeFolder()
    const repository = join(folder.path, 'tree')
    await tree.make(repository)
    commitAndTag(repository)
    const plain: number[] = []
    const ours: { seconds: number; peakMb: number }[] = []
    for (let round = 0; round < rounds; round++) {
      plain.push((await measure(archiveAndGzip(repository))).seconds)
      // A cloud that has nothing yet, each time: an upload that finds its release is another matter.
      await using google = await startEmulator()
      await fetch(`${google.url}/storage/v1/b?project=bench`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"bench"}',
      })
      ours.push(await measure(uploadCode(repository, google.url)))
    }
    const peak = Math.max(...ours.map(({ peakMb }) => peakMb))
    rows.push([
      tree.name,
      `${spread(plain, 2)} s`,
      `${spread(
        ours.map(({ seconds }) => seconds),
        2,
      )} s`,
      showRatio(median(ours.map(({ seconds }) => seconds)) / median(plain), 1.3),
      `${peak.toFixed(0)} MB (goal < 200)${peak < 200 ? '' : ' MISSED'}`,
    ])
  }
  printTable(`upload-code, median of ${rounds} [least–most]; the local cloud shares the two cores`, rows)
}

function archiveAndGzip(cwd: string) {
  return { command: 'sh', args: ['-c', 'git archive v1 | gzip | cat > /dev/null'], cwd }
}

function uploadCode(cwd: string, url: string) {
  const env = { STORAGE_EMULATOR_HOST: url, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/` }
  const cli = join(root, 'dist/cli/main.js')
  return {
    command: process.execPath,
    args: [cli, 'upload-code', '--project', 'bench', '--bucket', 'bench'],
    cwd,
    env,
  }
}

const megabyte = 1024 * 1024

const trees = [
  { name: '2,000 files of 4 kB', make: makeSmallFiles },
  { name: '256 MB, random', make: (folder: string) => makeLargeFiles(folder, 256) },
  ...(process.argv.includes('--large')
    ? [{ name: '2 GB, random', make: (folder: string) => makeLargeFiles(folder, 2048) }]
    : []),
]

async function makeSmallFiles(folder: string): Promise<void> {
  for (let directory = 0; directory < 40; directory++) {
    const path = join(folder, `package-${directory}`)
    await mkdir(path, { recursive: true })
    for (let file = 0; file < 50; file++)
      await writeFile(join(path, `module-${file}.txt`), randomBytes(2048).toString('hex'))
  }
}

async function makeLargeFiles(folder: string, megabytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let file = 0; file < megabytes / 32; file++)
    await writeFile(join(folder, `part-${file}.bin`), randomBytes(32 * megabyte))
}
