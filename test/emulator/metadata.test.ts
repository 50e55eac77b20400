import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { machine, openCalls, until, zone } from './compute-calls.ts'

const instances = `/${zone}/instances`

/** A machine's metadata, asked from outside of it. */
async function openMetadata(emulator: Emulator, members: object = {}) {
  const calls = openCalls(emulator.url)
  const script = '#!/bin/sh\necho $GCE_METADATA_HOST > address\n'
  const done = await calls.done(await calls.post(instances, machine('vm', script, members)))
  const file = join(emulator.stateDir, 'machines', String(done.targetId), 'address')
  const address = await until(() => existsSync(file) && readFileSync(file, 'utf8').trim())
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://${address}${path}`, { headers: { 'Metadata-Flavor': 'Google' }, ...init })
  const read = async (path: string) => (await ask(`/computeMetadata/v1/${path}`)).text()
  return { calls, ask, read, id: String(done.targetId) }
}

const spot = {
  serviceAccounts: [{ email: 'default', scopes: ['https://www.googleapis.com/auth/cloud-platform'] }],
  scheduling: { provisioningModel: 'SPOT' },
  tags: { items: ['a', 'b'] },
}

/** Sets one attribute more. */
async function setAttribute({ calls }: Awaited<ReturnType<typeof openMetadata>>, key: string, value: string) {
  const { metadata } = (await calls.get(`${instances}/vm`)).json as {
    metadata?: { fingerprint: string; items: object[] }
  }
  const items = [...(metadata?.items ?? []), { key, value }]
  await calls.done(await calls.post(`${instances}/vm/setMetadata`, { ...metadata, items }))
}

test('the metadata server tells its guest who it is', async () => {
  await using emulator = await startEmulator()
  const { read, id } = await openMetadata(emulator, spot)

  expect(await read('instance/id')).toBe(id)
  expect(Number.isSafeInteger(Number(id))).toBe(true)
  expect(await read('instance/name')).toBe('vm')
  expect(await read('instance/hostname')).toBe('vm.us-central1-a.c.acme.internal')
  expect(await read('instance/zone')).toMatch(/^projects\/\d+\/zones\/us-central1-a$/)
  expect(await read('instance/machine-type')).toMatch(/^projects\/\d+\/machineTypes\/e2-small$/)
  expect(await read('instance/image')).toBe('projects/acme/global/images/mayfly-local')
  expect(await read('instance/tags')).toBe('["a","b"]')
  expect(await read('instance/preempted')).toBe('FALSE')
  expect(await read('instance/maintenance-event')).toBe('NONE')
  expect(await read('instance/attributes/startup-script')).toMatch(/^#!/)
  expect(await read('instance/network-interfaces/0/access-configs/0/external-ip')).toMatch(/^203\.0\.113\./)
  expect(await read('project/project-id')).toBe('acme')
  expect(await read('project/numeric-project-id')).toMatch(/^\d+$/)
})

test('directories are listed, redirected to, and read as a whole', async () => {
  await using emulator = await startEmulator()
  const { ask, read } = await openMetadata(emulator, spot)

  expect(await read('')).toBe('instance/\nproject/\n')
  expect(await read('instance/disks/')).toBe('0/\n')
  expect(await read('instance/service-accounts/default/')).toBe('aliases\nemail\nidentity\nscopes\ntoken\n')
  const bare = await ask('/computeMetadata/v1/instance?recursive=true', { redirect: 'manual' })
  expect(bare.status).toBe(301)
  expect(bare.headers.get('location')).toBe('/computeMetadata/v1/instance/?recursive=true')

  const whole = await ask('/computeMetadata/v1/?recursive=true')
  expect(whole.headers.get('content-type')).toBe('application/json')
  expect(await whole.json()).toMatchObject({
    instance: {
      name: 'vm',
      attributes: { 'startup-script': expect.any(String) },
      disks: [{ deviceName: 'persistent-disk-0', index: 0 }],
      scheduling: { preemptible: 'TRUE', automaticRestart: 'FALSE' },
      serviceAccounts: { default: { aliases: ['default'], scopes: spot.serviceAccounts[0]?.scopes } },
    },
    project: { projectId: 'acme' },
  })
  expect(await read('instance/disks/?recursive=true&alt=text')).toContain('0/device-name persistent-disk-0\n')
  expect(await read('instance/tags?alt=json')).toBe('["a","b"]')
  expect((await ask('/computeMetadata/v1/instance/none')).status).toBe(404)
})

test('the metadata server answers only to who asks for it', async () => {
  await using emulator = await startEmulator()
  const { ask } = await openMetadata(emulator)

  const path = '/computeMetadata/v1/instance/name'
  expect((await ask(path, { headers: {} })).status).toBe(403)
  const proxied = { 'Metadata-Flavor': 'Google', 'X-Forwarded-For': '10.0.0.1' }
  expect((await ask(path, { headers: proxied })).status).toBe(403)
  const ping = await ask('/', { headers: {} })
  expect([ping.status, ping.headers.get('metadata-flavor')]).toEqual([200, 'Google'])
})

test('who waits for a change is answered when there is one', async () => {
  await using emulator = await startEmulator()
  const metadata = await openMetadata(emulator, spot)
  const path = '/computeMetadata/v1/instance/attributes/?recursive=true'
  const etag = (await metadata.ask(path)).headers.get('etag')
  const wait = `${path}&wait_for_change=true&last_etag=${etag}`

  const answer = metadata.ask(wait)
  expect(await Promise.race([answer, sleep(100, 'waiting')])).toBe('waiting')
  await setAttribute(metadata, 'colour', 'blue')
  expect(await (await answer).json()).toMatchObject({ colour: 'blue' })
  // What has changed already is told at once; what does not change, when the time is over.
  expect(await (await metadata.ask(wait)).json()).toMatchObject({ colour: 'blue' })
  const late = await metadata.ask('/computeMetadata/v1/instance/name?wait_for_change=true&timeout_sec=0')
  expect(await late.text()).toBe('vm')
})

test('a machine that is taken back is told of it', async () => {
  await using emulator = await startEmulator({ compute: { delayMs: 200 } })
  const { ask, calls } = await openMetadata(emulator, spot)
  const notice = ask('/computeMetadata/v1/instance/preempted?wait_for_change=true')
  await sleep(50)
  emulator.compute.preempt('vm')
  expect(await (await notice).text()).toBe('TRUE')
  await until(async () => (await calls.get(`${instances}/vm`)).json.status === 'TERMINATED')
  const operations = (await calls.get(`/${zone}/operations`)).json.items ?? []
  expect(operations.map(({ operationType }) => operationType)).toContain('compute.instances.preempted')
})

test('guest attributes are written by the guest, when that is allowed', async () => {
  await using emulator = await startEmulator()
  const metadata = await openMetadata(emulator)
  const path = '/computeMetadata/v1/instance/guest-attributes/mayfly/state'
  const put = (body: string) =>
    metadata.ask(path, { method: 'PUT', body, headers: { 'Metadata-Flavor': 'Google' } })
  expect((await put('started')).status).toBe(403)

  await setAttribute(metadata, 'enable-guest-attributes', 'TRUE')
  expect((await put('started')).status).toBe(200)
  expect(await metadata.read('instance/guest-attributes/mayfly/state')).toBe('started')
  expect(await metadata.read('instance/guest-attributes/')).toBe('mayfly/\n')
})

test("Google's own library finds project and token on a machine", async () => {
  await using emulator = await startEmulator()
  const library = pathToFileURL(createRequire(import.meta.url).resolve('google-auth-library')).href
  const script = `#!/usr/bin/env node
    const { GoogleAuth } = (await import('${library}')).default
    const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
    const client = await auth.getClient()
    console.log(client.constructor.name, await auth.getProjectId(), (await client.getAccessToken()).token)`
  const calls = openCalls(emulator.url)
  const done = await calls.done(await calls.post(instances, machine('vm', script, spot)))
  const serial = await until(async () => {
    const { contents } = (await calls.get(`${instances}/vm/serialPort`)).json
    return contents.includes('Finished') && contents
  })
  expect(serial).toContain(`startup-script: Compute acme emulator-${done.targetId}\n`)
})
