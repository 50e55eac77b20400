import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPlugin } from '../runner/drone.ts'
import { readAction, runAction } from '../runner/github.ts'
import { pointers } from './stage.ts'
import { type SweepStage, setSweepStage } from './sweep-stage.ts'

const root = join(import.meta.dirname, '../..')
const given = { project: 'acme', bucket: 'depot' }
const plugin = join(root, 'dist/drone-plugins/sweep/main.js')

/** Two things that are left over, and one to look at. */
async function setScene(): Promise<SweepStage> {
  const stage = await setSweepStage()
  const over = { tool: 'mayfly', 'mayfly-deadline': String(stage.now() + 60) }
  await Promise.all([
    stage.addMachine('mayfly-m', over),
    stage.addDisk('mayfly-orphan', over),
    stage.addDisk('mayfly-odd', { tool: 'mayfly' }),
  ])
  stage.pass(3600)
  return stage
}

test.each(['actions/sweep/action.yml', 'action.yml'])('GitHub: %s', async (file) => {
  await using stage = await setScene()
  const inputs = file === 'action.yml' ? { task: 'sweep', ...given } : given
  const options = { cwd: stage.repository, env: pointers(stage.env) }
  const swept = await runAction(readAction(join(root, file)), { ...options, inputs })

  expect(swept.exitCode, swept.log).toBe(0)
  expect(swept.outputs).toMatchObject({ removed: '2', kept: '1', unseen_zones: '' })
  expect(swept.summary).toContain('### ✔ Removed 1 machine, 1 disk; kept: 1 disk')
  expect(swept.summary).toMatch(/\| machine mayfly-m \| us-central1-a \| 59 m/)
  expect(swept.annotations).toMatchObject([
    { level: 'warning', message: expect.stringContaining('mayfly-odd') },
  ])
  expect(stage.disks()).toEqual(['mayfly-odd'])
  stage.expectNothingLeft()
})

test.each(['drone', 'woodpecker'] as const)('%s: the same settings, the same work', async (system) => {
  await using stage = await setScene()
  const options = { system, cwd: stage.repository, env: pointers(stage.env) }
  const dry = await runPlugin(plugin, { ...options, settings: { ...given, dry_run: true } })
  expect([dry.exitCode, stage.machines()], dry.log).toEqual([0, ['mayfly-m']])
  const swept = await runPlugin(plugin, { ...options, settings: { ...given, image_age: '30d' } })
  expect(swept.exitCode, swept.log).toBe(0)
  expect(swept.log).toContain('Removed 1 machine, 1 disk; kept: 1 disk')
  stage.expectNothingLeft()
})
