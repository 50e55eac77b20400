import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Messenger, startMessenger } from '../messenger.ts'
import { runPlugin } from '../runner/drone.ts'
import { readAction, runAction, startAction } from '../runner/github.ts'
import { pointers, type Stage, setStage, writeBatch } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const action = readAction(join(root, 'actions/run-batch/action.yml'))
const head = '8d5e957f297893487bd98fa830fa6413d5eb2a5f'
const job = 'https://github.com/acme/recommender/actions/runs/9001/attempts/1'

/** The part of GitHub's API that keeps statuses and deployments, as strict as it is. */
function startGithub(): Promise<Messenger> {
  return startMessenger(({ method, path, authorization, body }, count) => {
    if (authorization !== 'Bearer ghs_s3cr3t') return { status: 401, body: { message: 'Bad credentials' } }
    const [, resource = ''] = /^\/repos\/acme\/recommender\/(.+)$/.exec(path) ?? []
    const isKnown = /^(statuses\/[0-9a-f]{40}|deployments|deployments\/\d+\/statuses)$/.test(resource)
    if (method !== 'POST' || !isKnown) return { status: 404, body: { message: 'Not Found' } }
    if (body.description?.length > 140) return { status: 422, body: { message: 'Validation Failed' } }
    return { status: 201, body: { id: 41 + count } }
  })
}

async function setScene(run: string): Promise<Stage> {
  const stage = await setStage()
  const steps = `  - { name: train, run: "${run}" }`
  await stage.write({ 'batch.yaml': writeBatch({ steps }) })
  stage.tag('v1.0.0')
  return stage
}

function describe(stage: Stage, github: Messenger, inputs: Readonly<Record<string, string>>, env = {}) {
  return {
    cwd: stage.repository,
    env: { ...pointers(stage.env), GITHUB_API_URL: github.url, ...env },
    inputs: { project: 'acme', bucket: 'depot', github_token: 'ghs_s3cr3t', ...inputs },
  }
}

const states = ({ heard }: Messenger) => heard.map(({ body }) => body.state)

test('a status goes from pending to success, with a link to the job', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startGithub()
  const run = await runAction(action, describe(stage, github, { github_record: 'status' }))

  expect(run.exitCode, run.log).toBe(0)
  const place = `/repos/acme/recommender/statuses/${head}`
  expect(github.heard).toMatchObject([
    { path: place, body: { state: 'pending', context: 'mayfly/test', target_url: job } },
    { path: place, body: { state: 'success', context: 'mayfly/test', target_url: job } },
  ])
  expect(github.heard[1]?.body.description).toMatch(/^succeeded in /)
  expect(run.log).not.toContain('s3cr3t')
  stage.expectNothingLeft()
})

test("a deployment goes into an environment of the batch's name, and fails with its run", async () => {
  await using stage = await setScene(`echo ${'long '.repeat(60)}; exit 3`)
  await using github = await startGithub()
  const run = await runAction(action, describe(stage, github, { github_record: 'deployment' }))

  expect(run.exitCode, run.log).toBe(3)
  expect(run.annotations.map(({ level }) => level)).toEqual(['error'])
  expect(github.heard).toMatchObject([
    {
      path: '/repos/acme/recommender/deployments',
      body: { ref: head, environment: 'test', auto_merge: false, required_contexts: [] },
    },
    { path: '/repos/acme/recommender/deployments/42/statuses', body: { state: 'in_progress', log_url: job } },
    { path: '/repos/acme/recommender/deployments/42/statuses', body: { state: 'failure', log_url: job } },
  ])
  stage.expectNothingLeft()
})

test('a pull request shows it on its own commit, and not on the merge that is checked out', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startGithub()
  const sha = 'a'.repeat(40)
  const event = join(stage.repository, 'event.json')
  await stage.write({ 'event.json': JSON.stringify({ pull_request: { head: { sha } } }) })
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event }
  await runAction(action, describe(stage, github, { github_record: 'status' }, env))
  expect(new Set(github.heard.map(({ path }) => path))).toEqual(
    new Set([`/repos/acme/recommender/statuses/${sha}`]),
  )
})

test('Drone shows it too', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startGithub()
  const { cwd, env, inputs } = describe(stage, github, { github_record: 'status' })
  const plugin = join(root, 'dist/drone-plugins/run-batch/main.js')
  const run = await runPlugin(plugin, { cwd, env, settings: inputs })
  expect(run.exitCode, run.log).toBe(0)
  expect(states(github)).toEqual(['pending', 'success'])
  expect(github.heard[0]?.body.target_url).toBe('https://drone.acme.example/acme/recommender/42')
})

test('what GitHub refuses, or does not answer, is one warning, and the run is none the worse', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startGithub()
  const refused = await runAction(
    action,
    describe(stage, github, { github_record: 'deployment', github_token: 'expired', key: 'a' }),
  )
  expect([refused.exitCode, refused.outputs.state]).toEqual([0, 'succeeded'])
  expect(refused.annotations.map(({ message }) => message)).toEqual([
    'The run is not shown on its commit: to create the deployment, GitHub answered 401: Bad credentials. The token is not valid.',
  ])

  const nowhere = describe(
    stage,
    github,
    { github_record: 'status', key: 'b' },
    { GITHUB_API_URL: 'http://127.0.0.1:9' },
  )
  const unheard = await runAction(action, nowhere)
  expect([unheard.exitCode, unheard.outputs.state]).toEqual([0, 'succeeded'])
  expect(unheard.annotations.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The run is not shown on its commit: GitHub did not answer: /),
  ])
  stage.expectNothingLeft()
})

test('a status whose beginning GitHub did not answer still has its end', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startMessenger((_, count) =>
    count === 1 ? 'silence' : { status: 201, body: { id: 1 } },
  )
  const run = await runAction(action, describe(stage, github, { github_record: 'status' }))
  expect([run.exitCode, states(github)], run.log).toEqual([0, ['pending', 'success']])
  expect(run.annotations.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The run is not shown on its commit: GitHub did not answer: /),
  ])
})

test('a cancelled run ends in an error, and so does one whose step was killed', async () => {
  await using stage = await setScene('echo begun; sleep 60')
  await using github = await startGithub()
  const cancel = async (key: string, patienceMs = { interrupt: 60_000, terminate: 60_000 }) => {
    const running = startAction(action, {
      ...describe(stage, github, { github_record: 'status', key }),
      patienceMs,
    })
    await running.sees(/begun/)
    running.cancel()
    return running.ended
  }
  expect((await cancel('a')).exitCode).toBe(130)
  expect(states(github).slice(0, 2)).toEqual(['pending', 'error'])
  const { length } = github.heard

  const killed = await cancel('b', { interrupt: 0, terminate: 0 })
  expect(killed.post?.exitCode, killed.post?.log).toBe(0)
  expect(states(github).slice(length)).toEqual(['pending', 'error'])
  expect(github.heard.at(-1)?.body.description).toMatch(/^Cancelled by /)
  stage.expectNothingLeft()
})

test('what cannot be shown is refused before anything is done, and without the field nobody is told', async () => {
  await using stage = await setScene('echo trained')
  await using github = await startGithub()
  const ask = async (inputs: Readonly<Record<string, string>>) => {
    const { exitCode, annotations } = await runAction(action, describe(stage, github, inputs))
    return [exitCode, ...annotations.map(({ message }) => message)]
  }
  expect(await ask({ github_record: 'commit' })).toEqual([
    64,
    'github_record: expected status or deployment, got "commit".',
  ])
  expect(await ask({ github_record: 'status', github_token: '', wait: 'false' })).toEqual([
    64,
    'github_token: required with github_record, and not given.',
    'github_record: shows a run to its end, and cannot stand beside one that is not waited for (wait).',
  ])
  expect(await ask({})).toEqual([0])
  expect(github.heard).toEqual([])

  const terminal = await stage.mayfly('run-batch', '--github-record', 'status', '--github-token', 's3cr3t')
  expect([terminal.exitCode, terminal.stderr]).toEqual([
    64,
    expect.stringMatching(
      /--github-record: expected to find a commit of a repository owner\/name here, found [0-9a-f]{40} of recommender\./,
    ),
  ])
})
