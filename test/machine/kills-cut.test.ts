import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openProcessDriver } from '../../emulator/drivers/process.ts'
import { findTool, testWith } from '../tools.ts'
import { setStage } from './stage.ts'

const network = findTool('a network of its own', ['unshare', '--net', 'true'], false)
const mount = findTool('a mount of its own', ['unshare', '--mount', 'true'], false)

testWith(network, 'without a network, the startup script tells the console what it cannot read', () => {
  const home = mkdtempSync(join(tmpdir(), 'mayfly-cut-'))
  try {
    const { status, stdout } = spawnSync('unshare', ['--net', 'sh', 'machine/bootstrap.sh'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: home, GCE_METADATA_HOST: '192.0.2.1' },
    })
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/^mayfly: cannot read the attribute mayfly-agent: .+\n$/),
    ])
  } finally {
    rmSync(home, { recursive: true })
  }
})

test('a machine that may not begin tells the console why, does nothing, and is gone', async () => {
  await using stage = await setStage()
  const refusal = {
    kind: 'status',
    status: 403,
    reason: 'forbidden',
    message: 'No storage.objects.create',
  } as const
  stage.google.inject({ ...refusal, route: 'storage.objects.insert', match: 'started\\.json' })
  const machine = await stage.boot({ steps: ['echo never'] })
  while (!String(await machine.serial()).includes('mayfly: cannot work')) await sleep(50)
  expect(await machine.serial()).toContain('No storage.objects.create')
  expect(await machine.gone()).toBeUndefined()
  expect(await machine.said()).toBe('')
})

testWith(mount, 'a full disk is told with the result, and what fits is stored', async () => {
  const driver = openProcessDriver({ diskBytes: 8 * 1024 * 1024 })
  await using stage = await setStage({ compute: { driver } })
  const machine = await stage.boot({
    steps: ['echo x > kept; head -c 20000000 /dev/zero > big'],
    outputs: [{ path: 'kept', when: 'always' }],
  })
  const result = await machine.gone()
  expect(result).toMatchObject({ by: 'machine', state: 'failed', reason: 'user', outputs: [{ files: 1 }] })
  expect(result?.message).toMatch(/disk/)
  expect(stage.google.compute.instances()).toEqual([])
})
