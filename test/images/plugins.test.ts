import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { pointers, type Stage, setStage, writeBatch } from '../e2e/stage.ts'
import { testWith } from '../tools.ts'
import { podman, runProgram, startContainer } from './container.ts'
import { buildImages, imageTools, removeImages } from './images.ts'

const root = join(import.meta.dirname, '../..')
// Of this process only: others may build theirs at the same time.
const prefix = `localhost/mayfly-plugins-${process.pid}`

const tool = imageTools

beforeAll(() => {
  if (tool.found) buildImages(prefix)
}, 180_000)
afterAll(() => {
  if (tool.found) removeImages(prefix)
})

/** A checkout that belongs to another user than the plugin's, as on runners. */
async function setScene(steps: string): Promise<Stage> {
  const stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ more: 'outputs: [{ path: out/, name: out }]', steps }) })
  stage.tag('v1.0.0')
  execFileSync('chown', ['--recursive', '1000:1000', stage.repository])
  return stage
}

const settings = { PLUGIN_PROJECT: 'acme', PLUGIN_BUCKET: 'depot' }
const drone = {
  ...settings,
  CI: 'true',
  DRONE: 'true',
  DRONE_REPO: 'acme/recommender',
  DRONE_BUILD_NUMBER: '42',
  DRONE_BUILD_EVENT: 'tag',
  DRONE_STAGE_NUMBER: '1',
  DRONE_STEP_NUMBER: '3',
  DRONE_TAG: 'v1.0.0',
}
const woodpecker = {
  ...settings,
  CI: 'woodpecker',
  CI_REPO: 'acme/recommender',
  CI_PIPELINE_NUMBER: '7',
  CI_WORKFLOW_NUMBER: '1',
  CI_STEP_NAME: 'run',
  CI_COMMIT_TAG: 'v1.0.0',
}

const start = (stage: Stage, plugin: string, env: Readonly<Record<string, string>>) =>
  startContainer(`${prefix.replace('localhost/', '')}-${plugin}`, {
    image: `${prefix}-${plugin}`,
    workspace: stage.repository,
    env: { ...pointers(stage.env), ...env },
  })

testWith(tool, 'Drone: the images release a tag of a workspace of somebody else and run it', async () => {
  await using stage = await setScene('  - { name: greet, run: "mkdir out && echo hello | tee out/greeting" }')
  expect(statSync(stage.repository).uid).toBe(1000)

  const upload = await start(stage, 'upload-code', drone).ended
  expect(upload.exitCode, upload.log).toBe(0)
  const run = await start(stage, 'run-batch', drone).ended

  expect(run.exitCode, run.log).toBe(0)
  expect(run.log).toContain('hello\n')
  expect(run.log).toMatch(/machine gone, verified/)
  expect(await stage.objects()).toEqual(
    expect.arrayContaining([
      'code/recommender/tags/v1.0.0.json',
      expect.stringMatching(/outputs\/out\/greeting$/),
    ]),
  )
  stage.expectNothingLeft()
})

testWith(tool, 'Woodpecker: an image that is asked to stop ends its run', async () => {
  await using stage = await setScene('  - { name: slow, run: echo begun; sleep 60 }')
  const upload = await start(stage, 'upload-code', woodpecker).ended
  expect(upload.exitCode, upload.log).toBe(0)
  const running = start(stage, 'run-batch', woodpecker)
  await running.sees(/begun/)
  await running.stop(20)

  const run = await running.ended
  expect(run.exitCode, run.log).toBe(143)
  stage.expectNothingLeft()
})

testWith(tool, 'an image is small where it is ours, says what it is, and has nothing of the sources', () => {
  const [image] = JSON.parse(podman('image', 'inspect', `${prefix}-run-batch`))
  const [base] = JSON.parse(podman('image', 'inspect', `${prefix}-base`))
  const files = runProgram(`${prefix}-run-batch`, 'find', '/mayfly')

  expect(image.Labels).toMatchObject({ 'org.opencontainers.image.title': 'mayfly-run-batch' })
  expect(image.Size - base.Size).toBeLessThan(8e6)
  expect(files.split('\n').filter((path) => /\.(ts|map)$|node_modules/.test(path))).toEqual([])
  expect(readFileSync(join(root, 'drone-plugins/Dockerfile'), 'utf8')).toContain('ARG BASE=node:24-alpine\n')
})

testWith(tool, 'nothing of Mayfly in an image is a program of one architecture, as its Node is', () => {
  const find =
    'find /mayfly /usr/bin/node -type f -exec sh -c \'head -c 4 "$1" | grep -q ELF && echo "$1"\' - {} \\;'
  expect(runProgram(`${prefix}-run-batch`, 'sh', '-c', find)).toBe('/usr/bin/node\n')
})
