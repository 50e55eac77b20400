import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Messenger, startMessenger, startSlack } from '../messenger.ts'
import { runPlugin } from '../runner/drone.ts'
import { readAction, startAction } from '../runner/github.ts'
import { pointers, type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const runAsAction = readAction(join(root, 'actions/run-batch/action.yml'))

/** A batch that fails or not as its param says, and the flags that tell Slack's stand-in of it. */
async function setScene(stage: Stage, slack: Messenger, more = '', tag = 'v1.0.0') {
  await stage.write({
    'batch.yaml': writeBatch({
      more: `code: none\nparams: { end: string }\nenv: { END: "\${{ params.end }}" }\n${more}`,
      steps: '  - { name: train, run: exit $END }',
    }),
  })
  stage.tag(tag)
  const webhook = `${slack.url}/services/T0/B0/s3cr3t`
  return (end: number, key: string, ...flags: readonly string[]) =>
    stage.mayfly('run-batch', '--slack-webhook', webhook, '--param', `end=${end}`, '--key', key, ...flags)
}

const titles = (slack: Messenger) => slack.heard.map(({ body }) => body.text.split('\n')[0])

test('a run that fails and the first that succeeds after it are a message each; all else is none', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const run = await setScene(stage, slack)

  expect((await run(0, 'monday')).exitCode).toBe(0)
  // Both follow the run to its end, and have the same news.
  const failed = await Promise.all([run(3, 'tuesday'), run(3, 'tuesday')])
  expect([...failed, await run(3, 'tuesday')].map(({ exitCode }) => exitCode)).toEqual([3, 3, 3])
  expect((await run(0, 'wednesday')).exitCode).toBe(0)

  expect(titles(slack)).toEqual([
    expect.stringMatching(/^\*✘ test failed, exit code 3 in .*\*$/),
    expect.stringMatching(/^\*✔ test recovered in .*\*$/),
  ])
  const [{ text }, { fields }, { elements }] = slack.heard[0]?.body.blocks ?? []
  expect(text.text).toContain('train')
  expect(fields.map((field: { text: string }) => field.text.split('\n')[0])).toEqual([
    '*Run*',
    '*Machine*',
    '*Step*',
    '*Price*',
  ])
  expect(elements[0].text).toMatch(
    /<https:\/\/console\.cloud\.google\.com\/storage\/browser\/depot\/runs\/test\/\w+\|run>/,
  )
  expect(JSON.stringify(failed)).not.toContain('s3cr3t')
  stage.expectNothingLeft()
})

test('with a token, a retry and the recovery go on in the thread of the failure', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  stage.tag('v1.0.0')
  const ask = async (key: string, exitCode: number) => {
    await stage.write({
      'batch.yaml': writeBatch({ steps: `  - { name: train, run: exit ${exitCode} }`, more: 'code: none' }),
    })
    const { log, ...ending } = await runPlugin(join(root, 'dist/drone-plugins/run-batch/main.js'), {
      cwd: stage.repository,
      env: { ...pointers(stage.env), SLACK_API_URL: slack.url },
      settings: { project: 'acme', bucket: 'depot', slack_channel: '#ml', retry: true, key },
      secrets: { slack_token: 'xoxb-s3cr3t' },
    })
    expect(ending.exitCode, log).toBe(exitCode)
  }
  await ask('monday', 4)
  await ask('monday', 4)
  await ask('tuesday', 0)

  expect(new Set(slack.heard.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer xoxb-s3cr3t']),
  )
  const thread = ['C024BE91L', '1503435956.000241', true]
  expect(
    slack.heard.map(({ body }) => [
      body.channel,
      body.thread_ts,
      body.reply_broadcast,
      body.text.slice(0, 7),
    ]),
  ).toEqual([
    ['#ml', undefined, undefined, '*✘ test'],
    [...thread, '*✘ test'],
    [...thread, '*✔ test'],
  ])
  expect(slack.heard[0]?.body.text).toContain('<https://drone.acme.example/acme/recommender/42|CI job>')
  stage.expectNothingLeft()
})

test('the batch file chooses: silence, or successes too', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const silent = await setScene(stage, slack, 'notify: { slack: false }')
  await silent(3, 'a')
  expect(slack.heard).toEqual([])
  const loud = await setScene(stage, slack, 'notify: { on: [success] }', 'v1.0.1')
  await loud(3, 'b')
  await loud(0, 'c')
  expect(titles(slack)).toEqual([expect.stringMatching(/^\*✔ test succeeded in /)])
  stage.expectNothingLeft()
})

test('a Slack that fails is one warning, and the run gives its own exit code', async () => {
  await using stage = await setStage()
  await using slack = await startMessenger(() => ({ status: 410, body: 'channel_is_archived' }))
  const run = await setScene(stage, slack)
  const failed = await run(3, 'a')
  expect(failed.exitCode).toBe(3)
  expect(failed.stderr.match(/warning: .*/g)).toEqual([
    'warning: Slack was not told: the webhook answered 410: channel_is_archived. Choose another channel.',
  ])
  stage.expectNothingLeft()
})

test('no Slack, no call more: the depot is asked nothing for the sake of news', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const run = await setScene(stage, slack)
  await run(3, 'a')
  const before = stage.google.requests().length
  await stage.mayfly('run-batch', '--param', 'end=0', '--key', 'b')
  const silent = stage.google.requests().slice(before)
  await run(0, 'c')
  const told = stage.google.requests().slice(before + silent.length)
  const count = (calls: typeof silent) =>
    calls.filter(({ name, query }) => name === 'storage.objects.list' && query.includes('prefix=recent'))
      .length
  expect([count(silent), count(told)]).toEqual([0, 1])
  expect(slack.heard).toHaveLength(1)
  expect((await stage.objects()).filter((name) => /told|slack/.test(name))).toHaveLength(1)
})

test('a machine that is not provably gone is told, also by the step after one that was killed', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const more = 'code: none\nparams: { seconds: string }\nenv: { SECONDS_LONG: "${{ params.seconds }}" }'
  const steps = '  - { name: one, run: "echo begun; sleep $SECONDS_LONG" }'
  await stage.write({ 'batch.yaml': writeBatch({ more, steps }) })
  stage.tag('v1.0.0')
  const refusal = { kind: 'status', status: 403, message: 'You may not.' } as const
  stage.google.inject({ ...refusal, route: 'compute.instances.delete', times: 100 })
  const start = (key: string, seconds: number) =>
    startAction(runAsAction, {
      cwd: stage.repository,
      env: pointers(stage.env),
      inputs: {
        project: 'acme',
        bucket: 'depot',
        key,
        params: `seconds=${seconds}`,
        slack_webhook: `${slack.url}/s3cr3t`,
      },
    })
  const whole = await start('whole', 0).ended
  expect(whole.exitCode, whole.log).toBe(70)
  const killed = start('killed', 600)
  await killed.sees(/begun/)
  killed.kill()
  const { post } = await killed.ended

  expect(post?.exitCode, post?.log).toBe(70)
  expect([whole.log, post?.log].join()).not.toContain('s3cr3t')
  expect(titles(slack)).toEqual([
    expect.stringMatching(/^\*⚠ test succeeded, and its machine \S+ is not provably gone in /),
    expect.stringMatching(/^\*⚠ test cancelled, and its machine \S+ is not provably gone/),
  ])
  expect(slack.heard[0]?.body.text).toMatch(/You may not.*\|machine>/s)
})

test('a dry run prints where news would go, and no secret', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const run = await setScene(stage, slack)
  const plan = await run(0, 'a', '--dry-run')
  expect(JSON.parse(plan.stdout.slice(plan.stdout.indexOf('{')))).toMatchObject({ slack: 'webhook' })
  expect(plan.stdout).not.toContain('s3cr3t')
  expect(slack.heard).toEqual([])
})

test('what cannot work is said before anything is done', async () => {
  await using stage = await setStage()
  await stage.write({ 'batch.yaml': writeBatch({ steps: '  - { name: one, run: exit 0 }' }) })
  stage.tag('v1.0.0')
  const ending = await stage.mayfly(
    'run-batch',
    '--slack-token',
    'xoxb-1',
    '--slack-webhook',
    'hooks.example',
  )
  expect(ending.exitCode).toBe(64)
  expect(ending.stderr).toContain('--slack-channel: required with --slack-token, and not given.')
  expect(ending.stderr).toContain(
    '--slack-webhook: expected an address such as https://hooks.slack.com/services/',
  )
  expect(await stage.objects()).toEqual([])
})
