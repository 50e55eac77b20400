import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Messenger, startSlack } from '../messenger.ts'
import { runPlugin } from '../runner/drone.ts'
import { readAction, runAction } from '../runner/github.ts'
import { pointers, type Stage, setStage } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const given = { project: 'acme', bucket: 'depot', batches: 'train', max_age: '1h' }

/** A cloud whose time can be moved on, and a batch whose end and output are as its params say. */
async function setScene() {
  let ahead = 0
  const stage = await setStage({ now: () => Date.now() + ahead })
  await stage.write({
    'batch.yaml': `name: train
machine: { image: mayfly-local, type: e2-small, zones: [us-central1-a] }
timeout: 10m
code: none
params: { size: { type: string, default: "1000" }, end: { type: string, default: "0" } }
env: { SIZE: "\${{ params.size }}", END: "\${{ params.end }}" }
steps:
  - run: mkdir -p model && head -c "$SIZE" /dev/zero >model/weights && exit "$END"
outputs: [{ path: model/, name: model }]
`,
  })
  stage.tag('v1.0.0')
  return {
    ...stage,
    pass: (hours: number) => {
      ahead += hours * 3600_000
    },
    async runs(key: string, params: Readonly<Record<string, string>> = {}) {
      const flags = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`])
      return (await stage.mayfly('run-batch', '--key', key, ...flags)).exitCode
    },
  }
}

const titles = (slack: Messenger) => slack.heard.map(({ body }) => body.text.split('\n')[0])
const listChecks = async (stage: Stage) =>
  (await stage.objects()).filter((name) => name.startsWith('checks/'))

test('a batch that fails, ages or shrinks is told once for each trouble, and once when it is well again', async () => {
  await using stage = await setScene()
  await using slack = await startSlack()
  const check = async () => {
    const flags = ['--max-age', '1h', '--slack-webhook', `${slack.url}/s3cr3t`]
    return (await stage.mayfly('check-batch', 'train', ...flags)).exitCode
  }

  expect(await stage.runs('monday')).toBe(0)
  expect(await check()).toBe(0)
  stage.pass(2)
  // Both have the same news.
  expect(await Promise.all([check(), check()])).toEqual([72, 72])
  expect(await check()).toBe(72)
  expect(await stage.runs('tuesday', { end: '3' })).toBe(3)
  expect(await check()).toBe(72)
  expect(await stage.runs('wednesday')).toBe(0)
  expect(await Promise.all([check(), check()])).toEqual([0, 0])
  expect(await check()).toBe(0)
  expect(await stage.runs('thursday', { size: '100' })).toBe(0)
  expect(await check()).toBe(72)

  expect(titles(slack)).toEqual([
    '*✘ train is not well*',
    '*✘ train is not well*',
    '*✔ train recovered*',
    '*✘ train is not well*',
  ])
  const texts = slack.heard.map(({ body }) => body.text)
  expect(texts[0]).toMatch(/train: The newest success, runs\/train\/\w+, is 2 h old, and may be 1 h old\./)
  expect(texts[1]).toMatch(/The last run, runs\/train\/\w+, failed, exit code 3: /)
  expect(texts[3]).toContain('has 100 B: 90 % less than the 1000 B that were usual.')
  expect(texts[3]).toContain('storage/browser/depot/runs/train/|runs of train>')
  stage.expectNothingLeft()
})

test('several batches are one message, and their recovery goes into its thread', async () => {
  await using stage = await setScene()
  await using slack = await startSlack()
  const check = (batches: readonly string[]) =>
    runPlugin(join(root, 'dist/drone-plugins/check-batch/main.js'), {
      cwd: stage.repository,
      env: { ...pointers(stage.env), SLACK_API_URL: slack.url },
      settings: { project: 'acme', bucket: 'depot', batches, slack_channel: '#ml' },
      secrets: { slack_token: 'xoxb-s3cr3t' },
    })
  const first = await check(['train', 'score'])
  expect([first.exitCode, first.verdict], first.log).toEqual([72, 'failure'])
  expect(await stage.runs('monday')).toBe(0)
  await check(['train', 'score'])

  expect(slack.heard.map(({ body }) => [body.thread_ts, body.text.split('\n')[0]])).toEqual([
    [undefined, '*✘ 2 batches are not well: train, score*'],
    ['1503435956.000241', '*✔ train recovered*'],
  ])
  expect(slack.heard[0]?.body.text).toContain('<https://drone.acme.example/acme/recommender/42|CI job>')
})

test('other limits are another question: the answer to one is no news of the other', async () => {
  await using stage = await setScene()
  await using slack = await startSlack()
  const check = (age: string) =>
    stage.mayfly('check-batch', 'train', '--max-age', age, '--slack-webhook', slack.url)
  await stage.runs('monday')
  stage.pass(2)
  const ends = [await check('1h'), await check('1d'), await check('1h'), await check('1d')]
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([72, 0, 72, 0])
  expect(titles(slack)).toEqual(['*✘ train is not well*'])
  expect(await listChecks(stage)).toHaveLength(1)
})

test('without Slack, and in a dry run, nothing is written', async () => {
  await using stage = await setScene()
  await using slack = await startSlack()
  const plain = await stage.mayfly('check-batch', 'train', '--json')
  const dry = await stage.mayfly('check-batch', 'train', '--slack-webhook', slack.url, '--dry-run')
  expect([plain.exitCode, dry.exitCode]).toEqual([72, 0])
  expect(JSON.parse(plain.stdout)).toMatchObject({
    batches: [{ batch: 'train', troubles: [{ kind: 'never' }] }],
  })
  expect(dry.stdout).toContain('"slack": "webhook"')
  expect(slack.heard).toEqual([])
  expect(await stage.objects()).toEqual([])
})

test.each(['actions/check-batch/action.yml', 'action.yml'])('GitHub: %s', async (file) => {
  await using stage = await setScene()
  await stage.runs('monday')
  const inputs = file === 'action.yml' ? { task: 'check-batch', ...given } : given
  const check = (batches: string) =>
    runAction(readAction(join(root, file)), {
      cwd: stage.repository,
      env: pointers(stage.env),
      inputs: { ...inputs, batches },
    })
  const well = await check('train')
  expect(well.exitCode, well.log).toBe(0)
  expect(well.outputs).toMatchObject({ unwell: '', troubles: '{}', running: '' })
  expect(well.summary).toMatch(/### ✔ train is well\n[\s\S]*\| train \| well \| \d+ s ago \| succeeded \|/)

  const unwell = await check('train\nscore')
  expect(unwell.exitCode, unwell.log).toBe(72)
  expect(unwell.outputs.unwell).toBe('score')
  expect(unwell.summary).toContain('### ✘ 1 of 2 batches is not well: score')
  expect(unwell.annotations).toMatchObject([
    { level: 'error', message: expect.stringContaining('No run of score was ever asked for in gs://depot.') },
  ])
})

test.each(['drone', 'woodpecker'] as const)('%s: the same settings, the same answer', async (system) => {
  await using stage = await setScene()
  await stage.runs('monday')
  const plugin = join(root, 'dist/drone-plugins/check-batch/main.js')
  const check = (batches: readonly string[]) =>
    runPlugin(plugin, {
      system,
      cwd: stage.repository,
      env: pointers(stage.env),
      settings: { ...given, batches },
    })
  const [well, unwell] = [await check(['train']), await check(['train', 'score'])]
  expect([well.exitCode, unwell.exitCode], well.log + unwell.log).toEqual([0, 72])
  expect(unwell.log).toMatch(/score +not well +none/)
})

test('what cannot be is said at once, in the words of the caller', async () => {
  await using stage = await setScene()
  const bad = ['batch.yaml', '--max-age', '26', '--max-shrink', '0.5', '--history', '0']
  const ending = await stage.mayfly('check-batch', ...bad)
  expect(ending.exitCode).toBe(64)
  expect(ending.stderr).toContain(
    '<batches>: expected names of batches, up to 40 of a-z, 0-9 and "-" each, got "batch.yaml".',
  )
  expect(ending.stderr).toContain('A batch goes by the `name` in its file')
  expect(ending.stderr).toContain('--max-age: expected a duration')
  expect(ending.stderr).toContain(
    '--max-shrink: expected a share from 0% to 100%, such as 50%, got "0.5". Did you mean "50%"?',
  )
  expect(ending.stderr).toContain('--history: expected a number from 1, got "0".')

  const elsewhere = await stage.mayfly('check-batch', 'train', '--bucket', 'no-such-bucket')
  expect([elsewhere.exitCode, elsewhere.stderr], elsewhere.stderr).toEqual([
    64,
    expect.stringContaining('no-such-bucket'),
  ])
})
