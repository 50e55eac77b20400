import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Messenger, startMessenger, startSlack } from '../messenger.ts'
import { readAction, runAction } from '../runner/github.ts'
import { testWith } from '../tools.ts'
import { packer, setImageStage } from './image-stage.ts'
import { pointers, type Stage, setStage } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const action = readAction(join(root, 'actions/upload-code/action.yml'))

/** The part of GitHub's API that keeps releases (https://docs.github.com/rest/releases/releases). */
async function startReleases(pages: Record<string, string | null>): Promise<Messenger> {
  const ids = Object.keys(pages)
  return startMessenger(({ method, path, authorization, body }) => {
    if (authorization !== 'Bearer ghs_s3cr3t') return { status: 401, body: { message: 'Bad credentials' } }
    const byTag = /^\/repos\/acme\/recommender\/releases\/tags\/([^/]+)$/.exec(path)?.[1]
    const byId = /^\/repos\/acme\/recommender\/releases\/(\d+)$/.exec(path)?.[1]
    const tag = byTag === undefined ? ids[Number(byId) - 1] : decodeURIComponent(byTag)
    if (tag === undefined || !(tag in pages)) return { status: 404, body: { message: 'Not Found' } }
    if (method === 'PATCH') pages[tag] = body.body
    return { body: { id: ids.indexOf(tag) + 1, tag_name: tag, body: pages[tag] } }
  })
}

function upload(stage: Stage, tag: string, api: string, inputs: Readonly<Record<string, string>>) {
  return runAction(action, {
    cwd: stage.repository,
    env: { ...pointers(stage.env), GITHUB_API_URL: api },
    inputs: { project: 'acme', bucket: 'depot', tag, ...inputs },
  })
}

test('a release gets its row, and Slack one message; uploaded again, neither says anything new', async () => {
  await using stage = await setStage()
  await using slack = await startSlack()
  const pages: Record<string, string | null> = { 'model/v1.0.0': null }
  await using releases = await startReleases(pages)
  stage.tag('model/v1.0.0')
  const inputs = { github_token: 'ghs_s3cr3t', slack_webhook: `${slack.url}/services/s3cr3t` }

  const first = await upload(stage, 'model/v1.0.0', releases.url, inputs)
  const again = await upload(stage, 'model/v1.0.0', releases.url, inputs)

  expect([first, again].map(({ exitCode, outputs }) => [exitCode, outputs.already_uploaded])).toEqual([
    [0, 'false'],
    [0, 'true'],
  ])
  const { uri, digest } = first.outputs
  expect(pages['model/v1.0.0']).toContain(
    `| Code \`recommender@model/v1.0.0\` | \`${uri}\`, tar \`${digest}\` |`,
  )
  expect(releases.heard.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET'])
  expect(slack.heard.map(({ body }) => body.text.split('\n')[0])).toEqual([
    '*✔ recommender@model/v1.0.0 uploaded*',
  ])
  expect(slack.heard[0]?.body.text).toContain(
    '<https://github.com/acme/recommender/actions/runs/9001/attempts/1|CI job>',
  )
  expect(first.log + again.log).not.toContain('s3cr3t')
})

test('no release is made for a tag that has none, and a token that may not is one warning', async () => {
  await using stage = await setStage()
  await using releases = await startReleases({})
  stage.tag('v1.0.0')
  const none = await upload(stage, 'v1.0.0', releases.url, { github_token: 'ghs_s3cr3t' })
  expect([none.exitCode, none.annotations]).toEqual([0, []])
  expect(none.log).toContain('acme/recommender has no GitHub release for v1.0.0 that the token can see')

  const refused = await upload(stage, 'v1.0.0', releases.url, { github_token: 'expired' })
  expect(refused.exitCode).toBe(0)
  expect(refused.annotations.map(({ message }) => message)).toEqual([
    'The GitHub release of v1.0.0 was not written on: to get the release, GitHub answered 401: Bad credentials. The token is not valid.',
  ])
  expect(releases.heard.every(({ method }) => method === 'GET')).toBe(true)
})

test('the token that every job has in its environment is not taken by itself', async () => {
  await using stage = await setStage()
  await using releases = await startReleases({ 'v1.0.0': '' })
  stage.tag('v1.0.0')
  const { exitCode } = await runAction(action, {
    cwd: stage.repository,
    env: { ...pointers(stage.env), GITHUB_API_URL: releases.url, GITHUB_TOKEN: 'ghs_s3cr3t' },
    inputs: { project: 'acme', bucket: 'depot', tag: 'v1.0.0' },
  })
  expect([exitCode, releases.heard]).toEqual([0, []])
})

testWith(packer, 'a promoted image is a row beside the code, and a message', async () => {
  await using stage = await setImageStage()
  await using slack = await startSlack()
  const pages = { 'v1.0.0': 'What is new.\n\n<!-- mayfly -->\n| Code | there |\n<!-- /mayfly -->\n' }
  await using releases = await startReleases(pages)
  stage.git('remote', 'add', 'origin', 'https://github.com/acme/recommender.git')
  stage.tag('v1.0.0')
  Object.assign(stage.env, {
    GITHUB_API_URL: releases.url,
    MAYFLY_GITHUB_TOKEN: 'ghs_s3cr3t',
    SLACK_WEBHOOK_URL: `${slack.url}/s3cr3t`,
  })

  const built = await stage.build()
  const again = await stage.build()

  expect([built.exitCode, again.exitCode], built.stderr + again.stderr).toEqual([0, 0])
  expect(pages['v1.0.0']).toMatch(/^What is new\.\n\n<!-- mayfly -->\n/)
  expect(pages['v1.0.0']).toContain(
    '| Code | there |\n| Image of `ml-batch` | `ml-batch-v1-0-0`, `projects/acme/global/images/ml-batch-v1-0-0` |',
  )
  expect(slack.heard.map(({ body }) => body.text.split('\n')[0])).toEqual([
    '*✔ ml-batch-v1-0-0 promoted into ml-batch*',
  ])
  stage.expectNothingLeft()
})
