import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Engine, findEngine, listEngines } from '../../machine/engine.ts'
import { pullImage } from '../../machine/pulls.ts'
import { VirtualClock } from '../core/protocol/virtual.ts'

// Programs in the place of an engine, to behave as one seldom does.

const never = new AbortController().signal
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-engine-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(name: string, script: string): Promise<Engine> {
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\necho "$*" >> ${folder}/calls\n${script}\n`)
  await chmod(file, 0o755)
  return { argv: [file], flags: [] }
}

const inspect = `[ "$1 $2" = "image inspect" ] && echo '[{"Id":"abc","RepoDigests":["r@sha256:feed"]}]' && exit 0`

test('the engine is Docker or Podman, unless a local machine is told another one', () => {
  expect(listEngines({})).toEqual([
    { argv: ['docker'], flags: [] },
    { argv: ['podman'], flags: [] },
  ])
  const told = {
    MAYFLY_CONTAINER_ENGINE: 'podman --runtime runc',
    MAYFLY_CONTAINER_FLAGS: '--network=host  --init',
  }
  expect(listEngines(told)).toEqual([
    { argv: ['podman', '--runtime', 'runc'], flags: ['--network=host', '--init'] },
  ])
})

test('an engine that does not answer makes way for the next, and one that starts is waited for', async () => {
  const clock = new VirtualClock()
  const absent: Engine = { argv: ['no-such-engine'], flags: [] }
  const starting = await write('starting', `[ -e ${folder}/up ] || { touch ${folder}/up; exit 1; }`)
  const ready = await write('ready', 'exit 0')
  expect(await findEngine([absent, ready], clock, never)).toBe(ready)
  expect(await findEngine([absent, starting], clock, never)).toBe(starting)
  expect(await findEngine([absent], clock, never)).toBeUndefined()

  const begun = clock.now()
  expect(await findEngine([await write('dead', 'exit 1')], clock, never)).toBeUndefined()
  expect(clock.now() - begun).toBe(60_000)
})

test('a pull that fails is tried three times', async () => {
  const flaky = await write(
    'flaky',
    `${inspect}; echo x >> ${folder}/tries; [ "$(wc -l < ${folder}/tries)" -ge 3 ]`,
  )
  expect(await pullImage(flaky, 'r:1', new VirtualClock(), never)).toBe('sha256:feed')

  const broken = await write('broken', 'echo "toomanyrequests: slow down" >&2; exit 1')
  await expect(pullImage(broken, 'r:1', new VirtualClock(), never)).rejects.toThrow(
    'toomanyrequests: slow down',
  )
})

test("an image in Google's registry is pulled with the machine's own token, which is no argument", async () => {
  const server = createServer((request, response) => {
    expect(request.headers['metadata-flavor']).toBe('Google')
    response.end('{"access_token":"t0ken","expires_in":3599}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  process.env.GCE_METADATA_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const image = 'asia-docker.pkg.dev/acme/ml/python:3.12'
    const engine = await write(
      'private',
      `${inspect}; [ "$1" = login ] && cat > ${folder}/token; [ -e ${folder}/token ]`,
    )
    expect(await pullImage(engine, image, new VirtualClock(), never)).toBe('sha256:feed')
    expect(await readFile(join(folder, 'token'), 'utf8')).toBe('t0ken')
    expect((await readFile(join(folder, 'calls'), 'utf8')).split('\n')).toEqual([
      `pull --quiet ${image}`,
      'login --username oauth2accesstoken --password-stdin https://asia-docker.pkg.dev',
      `pull --quiet ${image}`,
      `image inspect ${image}`,
      '',
    ])
  } finally {
    delete process.env.GCE_METADATA_HOST
    server.close()
  }
})

test("an image of the machine's own is not looked for in a registry, and is known by its configuration", async () => {
  const engine = await write(
    'local',
    `[ "$1" = pull ] && exit 1; echo '[{"Id":"sha256:abc","RepoDigests":null}]'`,
  )
  expect(await pullImage(engine, 'localhost/r', new VirtualClock(), never)).toBe('sha256:abc')
})
