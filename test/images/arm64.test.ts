import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { pointers, setStage, writeBatch } from '../e2e/stage.ts'
import { needAll, testWith } from '../tools.ts'
import { podman, runProgram, startContainer } from './container.ts'
import { buildImages, imageTools, removeImages } from './images.ts'

const prefix = `localhost/mayfly-plugins-arm64-${process.pid}`
const isNative = process.arch === 'arm64'
const tool = needAll(imageTools, {
  name: 'a kernel that runs programs of arm64 (scripts/install-tools tells it how)',
  found: isNative || existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64'),
  installed: true,
})

beforeAll(() => {
  if (tool.found) buildImages(prefix, 'arm64')
}, 600_000)
afterAll(() => {
  if (tool.found) removeImages(prefix)
})

testWith(
  tool,
  'the images of arm64 are from the same Dockerfile, and release the same digest and run it',
  async () => {
    const [image] = JSON.parse(podman('image', 'inspect', `${prefix}-run-batch`))
    expect(image.Architecture).toBe('arm64')
    expect(runProgram(`${prefix}-run-batch`, 'node', '-p', 'process.arch')).toBe('arm64\n')

    await using stage = await setStage()
    await stage.write({
      'batch.yaml': writeBatch({ more: '', steps: '  - { name: greet, run: echo hello }' }),
    })
    stage.tag('v1.0.0')
    const env = {
      ...pointers(stage.env),
      PLUGIN_PROJECT: 'acme',
      PLUGIN_BUCKET: 'depot',
      DRONE_TAG: 'v1.0.0',
    }
    const start = (plugin: string) =>
      startContainer(`${prefix.replace('localhost/', '')}-${plugin}`, {
        image: `${prefix}-${plugin}`,
        workspace: stage.repository,
        env: { CI: 'true', DRONE: 'true', DRONE_REPO: 'acme/recommender', ...env },
      }).ended

    const upload = await start('upload-code')
    expect(upload.exitCode, upload.log).toBe(0)
    const here = await stage.mayfly('upload-code', '--json')
    expect(JSON.parse(here.stdout), here.stderr).toMatchObject({ alreadyUploaded: true })

    const run = await start('run-batch')
    expect(run.exitCode, run.log).toBe(0)
    expect(run.log).toContain('hello\n')
    stage.expectNothingLeft()
  },
  600,
)
