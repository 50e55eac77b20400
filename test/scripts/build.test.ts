import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../scripts/bundle/options.ts'

let folder: string
let files: ReadonlyMap<string, Buffer>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-build-'))
  files = await buildInto(join(folder, 'dist'))
})

afterAll(() => rm(folder, { recursive: true }))

/** Builds into a folder and returns what is in it, by paths. */
async function buildInto(target: string): Promise<ReadonlyMap<string, Buffer>> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.ts'), target])
  const paths = globSync('**/*.{js,txt}', { cwd: target }).sort()
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(target, path))] as const)),
  )
}

test('every door has its bundle', () => {
  const doors = globSync('{actions,drone-plugins,cli,emulator}/**/{main,post}.ts', { cwd: root })

  expect(doors).toContain('actions/upload-code/main.ts')
  for (const door of doors) expect([...files.keys()]).toContain(door.replace(/ts$/, 'js'))
})

test('all of it is smaller than 4 MB, since every use of an action downloads it', () => {
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0)

  expect(size).toBeLessThan(4_000_000)
})

test('the agent is one file, since a machine gets it alone', () => {
  const imports = [...String(files.get('agent.js')).matchAll(/(?:from|import\()\s*["'](\.[^"']*)["']/g)]

  expect(files.has('agent.js')).toBe(true)
  expect(imports.map(([, path]) => path)).toEqual([])
})

test('the licences of what is inside are there', () => {
  const licences = String(files.get('licenses.txt'))

  for (const name of ['@google-cloud/storage', '@google-cloud/compute', 'protobufjs', 'zod'])
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
})

test('the same sources give the same bytes', async () => {
  const again = await buildInto(join(folder, 'again'))

  expect([...again.keys()]).toEqual([...files.keys()])
  const differing = [...files].filter(([path, bytes]) => !bytes.equals(again.get(path) ?? Buffer.alloc(0)))
  expect(differing.map(([path]) => path)).toEqual([])
})
