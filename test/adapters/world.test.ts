import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCloudClock } from '../../adapters/clock.ts'
import { openFiles } from '../../adapters/files.ts'
import { openWorld } from '../../adapters/world.ts'
import { InputError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'

/** A host with an environment, of which only what a world asks for is there. */
function openHost(env: Readonly<Record<string, string>>) {
  const lines: string[] = []
  const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) }
  return { host: { env: (name: string) => env[name], log } as unknown as Host, lines }
}

test('a world says which Google it is of, before anything is asked', () => {
  const { host, lines } = openHost({})

  openWorld(host)

  expect(lines).toEqual(['Google Cloud: the real one (storage.googleapis.com, compute.googleapis.com)'])
})

test('a world that is half local is none', () => {
  const { host } = openHost({ STORAGE_EMULATOR_HOST: '127.0.0.1:8080' })

  expect(() => openWorld(host)).toThrow(InputError)
})

const agent = join(import.meta.dirname, '../../dist/agent.js')

test('the agent is the one of this version, by its digest', async (context) => {
  context.skip(!existsSync(agent), 'dist/agent.js is not built')

  const { digest, file, bootstrap } = await openWorld(openHost({}).host).agent()

  expect(file).toBe(agent)
  expect(digest).toBe(
    createHash('sha256')
      .update(await readFile(agent))
      .digest('hex'),
  )
  expect(bootstrap).toMatch(/^#!\/bin\/sh\n/)
})

test('files are those of the working directory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'))
  try {
    await writeFile(join(folder, 'batch.yaml'), 'name: x')
    const files = openFiles(folder)

    expect(await files.read('batch.yaml')).toBe('name: x')
    expect(await files.read(join(folder, 'batch.yaml'))).toBe('name: x')
    expect(await files.read('missing.yaml')).toBeUndefined()
    await expect(files.read('.')).rejects.toMatchObject({
      name: 'InputError',
      problems: [{ where: '.', message: expect.stringContaining('cannot be read') }],
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a sleep ends at once when it is aborted, and is no error', async () => {
  const controller = new AbortController()
  const clock = openCloudClock()
  const start = clock.now()
  const sleep = clock.sleep(60_000, controller.signal)
  controller.abort()

  await sleep
  expect(clock.now() - start).toBeLessThan(30_000)
})

test('a clock that is an hour off is put right by Google, and one that is right stays as it is', () => {
  const clock = openCloudClock()
  const dateOf = (ms: number) => new Date(Date.now() + ms).toUTCString()
  const offset = () => Math.round((clock.now() - Date.now()) / 10_000) * 10_000
  clock.learn(dateOf(0))
  expect(clock.now() - Date.now()).toBeLessThan(1)
  clock.learn(dateOf(-3_600_000))
  expect(offset()).toBe(-3_600_000)
  clock.learn(null)
  expect(offset()).toBe(-3_600_000)
  clock.learn(dateOf(0))
  expect(offset()).toBe(0)
})
