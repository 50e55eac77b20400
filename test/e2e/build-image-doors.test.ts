import { join } from 'node:path'
import { expect } from 'vitest'
import { ansible } from '../adapters/packer-workshop.ts'
import { runPlugin } from '../runner/drone.ts'
import { readAction, runAction, startAction } from '../runner/github.ts'
import { testWith } from '../tools.ts'
import { packer, setImageStage } from './image-stage.ts'
import { pointers } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const action = readAction(join(root, 'actions/build-image/action.yml'))
const inputs = {
  template: 'image.pkr.hcl',
  family: 'ml-batch',
  zones: 'us-central1-a',
  project: 'acme',
  bucket: 'depot',
}
const onTag = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1', GITHUB_REF: 'refs/tags/v1' }
const onBranch = { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main', GITHUB_REF: 'refs/heads/main' }

testWith(
  packer,
  'GitHub: a pull request is checked, a tag is built, and later steps know of both images',
  async () => {
    await using stage = await setImageStage()
    stage.tag('v1')
    const options = { cwd: stage.repository, inputs }
    const checked = await runAction(action, { ...options, env: { ...pointers(stage.env), ...onBranch } })
    expect([checked.exitCode, checked.outputs.state], checked.log).toEqual([0, 'checked'])
    expect(await stage.images()).toEqual([])

    const built = await runAction(action, { ...options, env: { ...pointers(stage.env), ...onTag } })
    expect(built.exitCode, built.log).toBe(0)
    expect(built.outputs).toMatchObject({
      state: 'built',
      image: 'ml-batch-v1',
      image_id: expect.stringMatching(/^\d+$/),
      self_link: expect.stringMatching(/\/global\/images\/ml-batch-v1$/),
      family: 'ml-batch',
      previous_image: '',
      smoke_run: expect.stringMatching(/^runs\/smoke-ml-batch\//),
    })
    expect(built.summary).toContain('### ✔ ml-batch-v1 built, tested and promoted into ml-batch')
    expect(built.post?.log).toMatch(/Nothing to finish/)
    stage.expectNothingLeft()
  },
)

testWith(
  packer,
  'GitHub: the post step ends the builder of a job that was killed, and the job can be run again',
  async () => {
    await using stage = await setImageStage()
    await stage.write({
      'provision.sh': 'until test -e go; do sleep 0.05; done\n',
      '.gitignore': 'go\n*.json\n',
    })
    stage.tag('v1')
    const env = { ...pointers(stage.env), ...onTag }
    // No patience at all: SIGKILL follows at once.
    const patienceMs = { interrupt: 0, terminate: 0 }
    const running = startAction(action, { cwd: stage.repository, env, inputs, patienceMs })
    await running.sees(/provisioning/)
    running.cancel()
    const killed = await running.ended
    expect(killed.post?.exitCode, killed.post?.log).toBe(0)
    stage.expectNothingLeft()

    await stage.write({ go: '' })
    const again = await runAction(action, { cwd: stage.repository, env, inputs })
    expect([again.exitCode, again.outputs.state], again.log).toEqual([0, 'built'])
    stage.expectNothingLeft()
  },
)

testWith(packer, 'Drone: the same settings, the same image', async () => {
  await using stage = await setImageStage()
  stage.tag('v1')
  const env = { ...pointers(stage.env), DRONE_TAG: 'v1' }
  const plugin = join(root, 'dist/drone-plugins/build-image/main.js')
  const built = await runPlugin(plugin, { cwd: stage.repository, env, settings: inputs })
  expect(built.exitCode, built.log).toBe(0)
  expect(built.log).toMatch(/ml-batch-v1 built, tested and promoted into ml-batch/)
  expect(await stage.newest()).toBe('ml-batch-v1')
  stage.expectNothingLeft()
})

testWith(ansible, 'GitHub: what is wrong with a playbook is an error on its line', async () => {
  await using stage = await setImageStage()
  await stage.write({
    'site.yml': '- hosts: all\n  tasks:\n    - name: Odd\n      ansible.builtin.no_such_module:\n',
  })
  stage.tag('v1')
  const { template: _, ...rest } = inputs
  const env = { ...pointers(stage.env), ...onBranch }
  const checked = await runAction(action, {
    cwd: stage.repository,
    env,
    inputs: { ...rest, playbook: 'site.yml' },
  })
  expect(checked.exitCode, checked.log).toBe(64)
  expect(checked.annotations).toEqual([
    expect.objectContaining({ level: 'error', file: 'site.yml', line: 3, column: 7 }),
  ])
})
