import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startMessenger } from '../messenger.ts'
import { findTool, testWith } from '../tools.ts'

const gcloud = findTool('gcloud', ['gcloud', '--version'], false)
const shellcheck = findTool('shellcheck', ['shellcheck', '--version'], true)

const root = join(import.meta.dirname, '../..')
const script = join(root, 'examples/schedules/cloud-scheduler.sh')

testWith(shellcheck, 'shellcheck finds nothing in what sets up Cloud Scheduler', () => {
  execFileSync('shellcheck', ['--severity=style', script])
})

testWith(gcloud, 'gcloud makes one job of it, whose request starts a workflow of GitHub', async () => {
  await using scheduler = await startMessenger(({ body }) => ({
    headers: { 'content-type': 'application/json' },
    body: { ...body, state: 'ENABLED' },
  }))
  const config = await mkdtemp(join(tmpdir(), 'mayfly-gcloud-'))
  try {
    await promisify(execFile)('sh', [script], {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: config,
        CLOUDSDK_CONFIG: config,
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
        CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER: `${scheduler.url}/`,
        GITHUB_TOKEN: 'github_pat_s3cr3t',
      },
    })
  } finally {
    await rm(config, { recursive: true, force: true })
  }

  const made = scheduler.heard.filter(({ method }) => method === 'POST')
  expect(made).toMatchObject([
    {
      path: expect.stringMatching(/^\/v1\/projects\/acme-ml\/locations\/us-central1\/jobs\b/),
      body: {
        schedule: '30 2 * * *',
        timeZone: 'Etc/UTC',
        httpTarget: {
          httpMethod: 'POST',
          uri: 'https://api.github.com/repos/acme/recommender/actions/workflows/nightly.yml/dispatches',
          headers: {
            Authorization: 'Bearer github_pat_s3cr3t',
            Accept: 'application/vnd.github+json',
            'Content-Type': 'application/json',
          },
        },
        retryConfig: { retryCount: 3 },
      },
    },
  ])
  const body = Buffer.from(made[0]?.body.httpTarget.body, 'base64').toString()
  expect(JSON.parse(body)).toEqual({ ref: 'main' })
})

test('the workflow that is asked for may be asked for, and needs no input', async () => {
  const { on } = parse(await readFile(join(root, 'examples/pipelines/github/nightly.yml'), 'utf8'))
  const inputs = Object.values(on.workflow_dispatch.inputs) as readonly {
    required?: boolean
    default?: string
  }[]
  expect(inputs.every(({ required, default: value }) => !required || value !== undefined)).toBe(true)
})

test("Google's Workflows ask for the same, with the token of Secret Manager", async () => {
  const { main } = parse(await readFile(join(root, 'examples/schedules/dispatch.workflow.yaml'), 'utf8'))
  const { dispatch } = Object.assign({}, ...main.steps)
  const text = await readFile(script, 'utf8')
  expect(text).toContain(`--uri=${dispatch.args.url} `)
  expect(text).toContain(`--message-body='${JSON.stringify(dispatch.args.body)}'`)
})
