import { spawnSync } from 'node:child_process'
import { beforeAll, expect } from 'vitest'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { enterScript, initScript, setUpScript } from '../../emulator/drivers/namespace-scripts.ts'
import { startEmulator } from '../../emulator/index.ts'
import { findTool, testWith } from '../tools.ts'
import { makeBaseImage, namespaces } from './base-image.ts'
import { machine, openCalls, until } from './compute-calls.ts'
import { bootFilled, bootFrom, debian, instances, makeKey, readAddress } from './namespace-machines.ts'

let baseImage: string
beforeAll(async () => {
  if (namespaces.found) baseImage = await makeBaseImage()
}, 300_000)

function start(shutdownMs = 20_000) {
  return startEmulator({ compute: { driver: openNamespaceDriver(), baseImage, shutdownMs } })
}

testWith(
  namespaces,
  'a startup script is root of a machine of its own, with metadata and the cloud',
  async () => {
    await using emulator = await start()
    const script = `
    id -un; hostname; test -e ${baseImage} || echo no host
    read() { curl -sS -H Metadata-Flavor:Google "http://$1/computeMetadata/v1/instance/$2"; echo; }
    read 169.254.169.254 name
    read metadata.google.internal id
    read metadata service-accounts/default/token
    curl -sS "$STORAGE_EMULATOR_HOST/storage/v1/b?project=acme" -d '{"name":"of-the-machine"}' -o /dev/null
    curl -sS "\${CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE}projects/acme" | grep -o '"id": *"[0-9]*"' >/dev/null || echo lost
    systemctl is-system-running 2>&1
    cat /proc/1/comm
    [ "$(read metadata network-interfaces/0/mac)" = "$(cat /sys/class/net/eth0/address)" ] && echo the same
    # The port of a web server is the machine's own.
    python3 -m http.server 80 >/dev/null 2>&1 &
    until curl -sf -o /dev/null http://vm/; do sleep 0.1; done; echo served`
    const serviceAccounts = [{ email: 'default', scopes: ['https://www.googleapis.com/auth/cloud-platform'] }]
    const calls = openCalls(emulator.url)
    const output = await bootFilled(calls, 'vm', script, { serviceAccounts })
    const { id } = (await calls.get(`${instances}/vm`)).json
    const token = { access_token: `emulator-${id}`, expires_in: 3599, token_type: 'Bearer' }
    const own = ['root', 'vm', 'no host', 'vm', id, JSON.stringify(token)]
    expect(output).toEqual([...own, 'offline', 'sh', 'the same', 'served'])
    expect((await fetch(`${emulator.url}/storage/v1/b/of-the-machine`)).status).toBe(200)
    expect(emulator.unknown()).toEqual([])
  },
)

testWith(namespaces, "a key of the metadata opens the machine's own address", async () => {
  await using emulator = await start()
  await using key = await makeKey()
  const items = [{ key: 'ssh-keys', value: `packer:${key.publicKey}` }]
  const calls = openCalls(emulator.url)
  const members = { ...bootFrom(debian), metadata: { items } }
  const inserts = ['one', 'two'].map(async (name) => calls.post(instances, machine(name, undefined, members)))
  for (const insert of await Promise.all(inserts)) expect((await calls.done(insert)).error).toBeUndefined()
  const [one, two] = [await readAddress(calls, 'one'), await readAddress(calls, 'two')]
  expect(one).toMatch(/^127\.0\.9\.\d+$/)
  expect(one).not.toBe(two)
  expect(await key.run('packer', one, 'sudo -n id -un; hostname')).toBe('root\none\n')
  expect(await key.run('packer', two, 'sudo -n id -un; hostname')).toBe('root\ntwo\n')
})

testWith(
  namespaces,
  'a machine that is stopped runs its shutdown script first, and asks its processes',
  async () => {
    await using emulator = await start()
    const calls = openCalls(emulator.url)
    const say = '"$STORAGE_EMULATOR_HOST/upload/storage/v1/b/log/o?uploadType=media&name='
    const items = [
      { key: 'shutdown-script', value: `curl -sS ${say}shutdown" -d "$(hostname)"` },
      {
        key: 'startup-script',
        value: `trap 'curl -sS ${say}trap" -d told; exit' TERM; touch /run/on; sleep 1000 & wait`,
      },
    ]
    await fetch(`${emulator.url}/storage/v1/b?project=acme`, { method: 'POST', body: '{"name":"log"}' })
    const read = async (name: string) =>
      (await fetch(`${emulator.url}/storage/v1/b/log/o/${name}?alt=media`)).text()
    await using key = await makeKey()
    const metadata = { items: [...items, { key: 'ssh-keys', value: `me:${key.publicKey}` }] }
    await calls.done(await calls.post(instances, machine('vm', undefined, { ...bootFrom(debian), metadata })))
    await key.run('me', await readAddress(calls, 'vm'), 'until test -e /run/on; do sleep 0.1; done')
    await calls.done(await calls.post(`${instances}/vm/stop`))
    expect(await read('shutdown')).toBe('vm')
    expect(await read('trap')).toBe('told')
    expect((await calls.get(`${instances}/vm`)).json.status).toBe('TERMINATED')
  },
)

testWith(namespaces, 'a machine is off when its guest says so, and begins again on its disk', async () => {
  await using emulator = await start()
  const calls = openCalls(emulator.url)
  for (const words of ['poweroff', 'shutdown -h now', 'poweroff -f']) {
    const script = `echo boot >> /boots; if [ $(wc -l < /boots) = 1 ]; then ${words}; else cat /boots; fi`
    const body = machine('vm', script, bootFrom(debian))
    expect((await calls.done(await calls.post(instances, body))).error).toBeUndefined()
    await until(async () => (await calls.get(`${instances}/vm`)).json.status === 'TERMINATED')
    await calls.done(await calls.post(`${instances}/vm/start`))
    await until(async () => {
      const { contents } = (await calls.get(`${instances}/vm/serialPort`)).json
      return contents.match(/startup-script: boot/g)?.length === 2
    })
    await calls.done(await calls.send('DELETE', `${instances}/vm`))
  }
})

testWith(
  namespaces,
  'an image without contents is for the process driver, whatever the driver is',
  async () => {
    await using emulator = await start()
    const calls = openCalls(emulator.url)
    const output = await bootFilled(calls, 'vm', '#!/bin/sh\nls ..\n', bootFrom('global/images/mayfly-local'))
    const { id } = (await calls.get(`${instances}/vm`)).json
    expect(output).toContain(id)
    expect(await readAddress(calls, 'vm')).toMatch(/^203\.0\.113\./)
  },
)

const shellcheck = findTool('shellcheck', ['shellcheck', '--version'], true)

testWith(shellcheck, "shellcheck finds nothing in a machine's scripts", () => {
  for (const input of [setUpScript, enterScript, initScript]) {
    const { status, stdout } = spawnSync('shellcheck', ['--shell=dash', '-'], { input, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  }
})
