import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { openCalls, openLake, pathOf } from './storage-calls.ts'

const block = 256 * 1024

async function makeStateDir() {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-state-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** An emulator in a process of its own, with a bucket named lake; its only end is `kill -9`. */
async function spawnEmulator(stateDir: string) {
  const program = new URL('storage-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const calls = openCalls(url)
  return {
    ...calls,
    url,
    async kill() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await this.kill()
    },
  }
}

test('what one emulator stored, the next one has', async () => {
  await using state = await makeStateDir()
  const stateDir = state.path
  let stored: unknown
  {
    await using lake = await openLake({ stateDir })
    stored = (await lake.put('a/ü', 'bytes')).json
    await lake.put('gone', 'x')
    await lake.send('DELETE', '/storage/v1/b/lake/o/gone')
  }
  await using emulator = await startEmulator({ stateDir })
  const calls = openCalls(emulator.url)

  const { json } = await calls.send('GET', '/storage/v1/b/lake/o')
  const origin = /http:\/\/127\.0\.0\.1:\d+/g
  expect(JSON.stringify(json.items).replaceAll(origin, '')).toBe(
    JSON.stringify([stored]).replaceAll(origin, ''),
  )
  expect((await calls.read('a/ü')).text).toBe('bytes')
})

test('a clock set back never gives an old generation again', async () => {
  await using state = await makeStateDir()
  let before = ''
  {
    await using lake = await openLake({ stateDir: state.path, now: () => 2_000_000_000_000 })
    before = (await lake.put('a', 'x')).json.generation
  }
  await using emulator = await startEmulator({ stateDir: state.path, now: () => 1_000_000_000_000 })
  const after = (await openCalls(emulator.url).put('a', 'y')).json.generation
  expect(Number(after)).toBeGreaterThan(Number(before))
})

test('a kill in the middle of an upload leaves the version that was there, and no rest', async () => {
  await using state = await makeStateDir()
  {
    await using lake = await spawnEmulator(state.path)
    await lake.put('a', 'first version')
    const path = '/upload/storage/v1/b/lake/o?uploadType=media&name=a'
    const pieces = new ReadableStream({
      async pull(controller) {
        await sleep(1)
        controller.enqueue(new Uint8Array(block))
      },
    })
    const upload = lake.send('POST', path, { body: pieces, duplex: 'half' })
    const failed = expect(upload).rejects.toThrow('fetch failed')
    const drafts = join(state.path, 'storage/drafts')
    while ((await readdir(drafts)).length === 0) await sleep(2)
    await lake.kill()
    await failed
    expect(await readdir(drafts)).toHaveLength(1)
  }
  await using lake = await spawnEmulator(state.path)
  expect((await lake.read('a')).text).toBe('first version')
  expect(await readdir(join(state.path, 'storage/drafts'))).toEqual([])
})

test('a resumable upload goes on after a kill', async () => {
  await using state = await makeStateDir()
  const bytes = Buffer.alloc(3 * block, 'goes on ')
  let session = ''
  {
    await using lake = await spawnEmulator(state.path)
    const started = await lake.send('POST', '/upload/storage/v1/b/lake/o?uploadType=resumable&name=a')
    session = (started.headers.get('location') ?? '').replace(lake.url, '')
    const range = { 'content-range': `bytes 0-${2 * block - 1}/*` }
    expect(
      (await lake.send('PUT', session, { headers: range, body: bytes.subarray(0, 2 * block) })).status,
    ).toBe(308)
    await lake.kill()
  }
  let finished: unknown
  {
    await using lake = await spawnEmulator(state.path)
    const asked = await lake.send('PUT', session, { headers: { 'content-range': 'bytes */*' } })
    expect(asked.headers.get('range')).toBe(`bytes=0-${2 * block - 1}`)
    const range = { 'content-range': `bytes ${2 * block}-${3 * block - 1}/${3 * block}` }
    const last = await lake.send('PUT', session, { headers: range, body: bytes.subarray(2 * block) })
    expect(last.status).toBe(200)
    finished = last.json.md5Hash
    expect((await lake.put('whole', bytes)).json.md5Hash).toBe(finished)
    await lake.kill()
  }
  await using lake = await spawnEmulator(state.path)
  expect((await lake.send('PUT', session, { headers: { 'content-range': 'bytes */*' } })).json.md5Hash).toBe(
    finished,
  )
})

test.each([
  ['bytes whose record was never written', 'buckets/lake/bytes/1700000000000000', 'x'],
  ['half of a record', 'buckets/lake/objects/0123.json.new', '{"name":"b'],
  ['half of a bucket', 'buckets/sea/objects/0123.json', '{'],
  ['bytes on their way', 'drafts/0123', 'x'],
  ['half of a session', 'sessions/0123.json.new', '{"id"'],
  ['a session whose bytes became an object', 'sessions/0123.json', '{"id":"0123","write":{}}'],
])('a start after a kill clears away %s', async (_, leftover, content) => {
  await using state = await makeStateDir()
  {
    await using lake = await openLake({ stateDir: state.path })
    await lake.put('a', 'bytes')
  }
  const path = join(state.path, 'storage', leftover)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)

  await using emulator = await startEmulator({ stateDir: state.path })
  const calls = openCalls(emulator.url)
  expect((await calls.list('')).names).toEqual(['a'])
  expect((await calls.read('a')).text).toBe('bytes')
  expect((await calls.send('GET', '/storage/v1/b')).json.items).toMatchObject([{ name: 'lake' }])
  expect(existsSync(path)).toBe(false)
})

test('a record is replaced by another file, never written over', async () => {
  await using lake = await openLake()
  await lake.put('a', 'x')
  const folder = join(lake.emulator.stateDir, 'storage/buckets/lake/objects')
  const [name = ''] = await readdir(folder)
  const kept = join(lake.emulator.stateDir, 'kept')
  await link(join(folder, name), kept)
  const before = await readFile(kept, 'utf8')

  await lake.send('PATCH', pathOf('a'), { body: '{"contentType":"text/csv"}' })
  expect(await readFile(kept, 'utf8')).toBe(before)
  expect(await readFile(join(folder, name), 'utf8')).toContain('text/csv')
})

test('bytes that no object has any more leave the disk', async () => {
  await using lake = await openLake()
  const bytes = join(lake.emulator.stateDir, 'storage/buckets/lake/bytes')
  await lake.put('a', 'first')
  await lake.put('a', 'second')
  expect(await readdir(bytes)).toHaveLength(1)
  await lake.send('DELETE', pathOf('a'))
  expect(await readdir(bytes)).toEqual([])
  expect(await readdir(join(lake.emulator.stateDir, 'storage/drafts'))).toEqual([])
})

test('kills at any moment: every acknowledged write is there, and every object is whole', async () => {
  await using state = await makeStateDir()
  const acknowledged = new Map<string, string>()
  for (let round = 1; round <= 3; round++) {
    await using lake = await spawnEmulator(state.path)
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const name = `object-${writer}`
      for (let version = 0; ; version++) {
        const bytes = `${round}.${version} `.repeat(20_000)
        const { status } = await lake.put(name, bytes)
        if (status === 200) acknowledged.set(name, bytes)
      }
    })
    const ended = Promise.allSettled(writers)
    await sleep(40 * round)
    await lake.kill()
    await ended

    await using after = await spawnEmulator(state.path)
    for (const [name, bytes] of acknowledged) {
      const { text } = await after.read(name)
      const unit = `${text.split(' ', 1)[0]} `
      expect(text).toBe(unit.repeat(20_000))
      // A write whose reply was lost may have come after the last one that was acknowledged, never an older one.
      const [wroteRound = 0, wroteVersion = 0] = unit.split('.').map(Number)
      const [lastRound = 0, lastVersion = 0] = (bytes.split(' ', 1)[0] ?? '').split('.').map(Number)
      expect(wroteRound * 1e6 + wroteVersion).toBeGreaterThanOrEqual(lastRound * 1e6 + lastVersion)
    }
    await after.kill()
  }
  expect(acknowledged.size).toBeGreaterThan(0)
})
