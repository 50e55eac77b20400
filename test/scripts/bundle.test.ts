import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleOptions } from '../../scripts/bundle/options.ts'
import { startBucket } from '../adapters/google/bucket.ts'
import { writeFederatedFile } from '../adapters/google/federated-file.ts'
import { answer, startHostileServer } from '../adapters/google/hostile-server.ts'
import { findTool, testWith } from '../tools.ts'

const entry = join(import.meta.dirname, 'fixtures/google-calls.ts')
let folder: string
let metafile: Metafile

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-bundle-'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'large'), new Uint8Array(3 << 20))
  const made = await build({
    ...bundleOptions,
    entryPoints: { main: entry },
    outdir: folder,
    splitting: true,
  })
  metafile = made.metafile
})

afterAll(() => rm(folder, { recursive: true }))

interface Run {
  readonly node?: string
  readonly env?: Readonly<Record<string, string>>
}

async function callEverything({ node = process.execPath, env = {} }: Run = {}) {
  await using local = await startBucket()
  const args = [join(folder, 'main.js'), local.google.url, join(folder, 'large')]
  const { stdout, stderr } = await promisify(execFile)(node, args, { env: { ...env } })
  return { result: JSON.parse(stdout), stderr, google: local.google }
}

const everything = {
  sizes: [3, 5, 3 << 20, 5],
  again: 'exists',
  read: 'three',
  listed: ['large', 'small'],
  families: ['mayfly-local', 'mayfly-local'],
  missing: expect.stringContaining('Its families: mayfly-local'),
  types: expect.any(Number),
  instance: {
    name: 'vm-1',
    id: expect.any(String),
    zone: 'us-central1-a',
    status: 'RUNNING',
    labels: { run: 'r1' },
  },
  scheduling: expect.objectContaining({
    provisioningModel: 'SPOT',
    instanceTerminationAction: 'DELETE',
    automaticRestart: false,
    maxRunDuration: { seconds: '3600' },
  }),
  disk: true,
  serial: 'string',
}

test('a bundle makes every call to Google, and says nothing but what it is asked', async () => {
  const { result, stderr, google } = await callEverything()

  expect(result).toEqual(everything)
  expect(stderr).toBe('')
  expect(google.unknown()).toEqual([])
  const [machine] = google.requests().filter(({ name }) => name === 'compute.instances.insert')
  expect(machine?.userAgent).toBe('mayfly/0.0.0')
})

const oldNode = '/usr/bin/node'
const node20 = findTool('Node 20', ['/bin/sh', '-c', `${oldNode} --version | grep -q '^v20'`], false)

testWith(node20, 'a bundle runs on Node 20 as well', async () => {
  const { result, stderr } = await callEverything({ node: oldNode })

  expect(result).toEqual(everything)
  expect(stderr).toBe('')
})

test('a bundle exchanges the credentials of a GitHub job', async () => {
  const token = { access_token: 'federated', expires_in: 3_600, token_type: 'Bearer', issued_token_type: 'x' }
  await using server = await startHostileServer(answer(200, { value: 'oidc-token' }), answer(200, token))
  const file = join(folder, 'gha-creds.json')
  await writeFederatedFile(file, server.url)

  const { result, stderr } = await callEverything({ env: { GOOGLE_APPLICATION_CREDENTIALS: file } })

  expect(result).toEqual(everything)
  expect(stderr).toBe('')
  expect(server.seen).toEqual(['GET /oidc', 'POST /v1/token'])
})

test("Google's authentication library is loaded only for a credentials file", () => {
  const holders = Object.values(metafile.outputs).filter(({ inputs }) =>
    Object.keys(inputs).some((input) => input.includes('node_modules/google-auth-library/')),
  )

  expect(holders.map(({ entryPoint }) => entryPoint)).toEqual(['adapters/google/file-token.ts'])
})
