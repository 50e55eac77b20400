import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Context, Host } from '../../core/host.ts'
import { describeContext, nameJob } from './context.ts'
import { describeFaults, explainOrigin, type Fault, readPlace } from './failures.ts'
import { openCommands } from './github-commands.ts'
import { appendValue, writeSummary } from './github-files.ts'
import { findMisplaced, readPrefixed } from './given.ts'
import type { Program } from './program.ts'
import { splitSecret } from './secrets.ts'
import { openCancelSignal } from './signals.ts'

/** The host of an action's main step. */
export function openGithubHost(env: NodeJS.ProcessEnv, program: Program = process): Host {
  const { matrix: _, ...given } = readPrefixed(env, 'INPUT_')
  const host = openStep(env, program, given)
  return { ...host, findMisplaced: findMisplaced(env, 'INPUT_', 'PLUGIN_') }
}

/** The host of an action's post step, whose inputs are what the main step saved. */
export function openGithubPostHost(env: NodeJS.ProcessEnv, program: Program = process): Host {
  return openStep(env, program, readPrefixed(env, 'STATE_'))
}

function openStep(env: NodeJS.ProcessEnv, program: Program, given: Readonly<Record<string, string>>): Host {
  const commands = openCommands(program)
  let grouped = false
  const endGroup = () => {
    if (grouped) commands.issue('endgroup')
    grouped = false
  }
  const issueError = (message: string, place: Fault['place']) =>
    commands.issue('error', message, place && { file: place.file, line: place.line, col: place.column })
  return {
    name: 'GitHub',
    context: readContext(env),
    signal: openCancelSignal(program),
    log: {
      info: commands.line,
      warn: (line) => commands.issue('warning', line),
      output: commands.text,
      group(title) {
        endGroup()
        commands.issue('group', title)
        grouped = true
      },
      endGroup,
      progress() {},
    },
    given: () => given,
    spell: (field) => field,
    env: (name) => env[name],
    mask(secret) {
      for (const line of splitSecret(secret)) commands.issue('add-mask', line)
    },
    saveState: (name, value) => appendValue(env, 'GITHUB_STATE', name, value),
    setOutput: (name, value) => appendValue(env, 'GITHUB_OUTPUT', name, value),
    report({ outputs, summary, lines, failure, failureAt, exitCode }) {
      endGroup()
      for (const [name, value] of Object.entries(outputs)) appendValue(env, 'GITHUB_OUTPUT', name, value)
      writeSummary(env, summary)
      for (const line of lines) commands.line(line)
      if (exitCode !== 0 && failure !== undefined) issueError(failure, readPlace(failureAt).place)
      program.exitCode = exitCode
    },
    fail(error, exitCode) {
      endGroup()
      for (const { message, place } of describeFaults(error)) issueError(message, place)
      for (const line of explainOrigin(error)) commands.line(line)
      program.exitCode = exitCode
    },
  }
}

function readContext(env: NodeJS.ProcessEnv): Context {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  const attempt = env.GITHUB_RUN_ATTEMPT ?? '1'
  return describeContext({
    repository,
    tag: env.GITHUB_REF_TYPE === 'tag' ? env.GITHUB_REF_NAME : undefined,
    commit: readHead(env) ?? env.GITHUB_SHA,
    job: nameJob(
      env.GITHUB_REPOSITORY_ID,
      run,
      env.GITHUB_JOB,
      env.GITHUB_ACTION,
      hashMatrix(env.INPUT_MATRIX),
    ),
    jobAttempt: Number(attempt),
    link: run && `${server}/${repository}/actions/runs/${run}/attempts/${attempt}`,
    by: `github ${env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR ?? ''}`.trim(),
  })
}

/** For a pull request, GITHUB_SHA is a merge that nobody looks at; its own commit is in the event. */
function readHead({
  GITHUB_EVENT_NAME: event = '',
  GITHUB_EVENT_PATH: path,
}: NodeJS.ProcessEnv): string | undefined {
  if (!event.startsWith('pull_request') || !path) return undefined
  try {
    const payload = JSON.parse(readFileSync(path, 'utf8')) as { pull_request?: { head?: { sha?: string } } }
    return payload.pull_request?.head?.sha
  } catch {
    return undefined
  }
}

/**
 * Tells the jobs of a matrix apart: they share GITHUB_JOB. Only an input's default in action.yml can see the matrix
 * (https://github.com/actions/toolkit/issues/586); it is `null` outside of one.
 */
function hashMatrix(matrix = 'null'): string {
  if (matrix === 'null') return 'single'
  return createHash('sha256').update(matrix).digest('hex').slice(0, 12)
}
