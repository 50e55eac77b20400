import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { openCommandFiles } from './github-files.ts'
import { type Annotation, openGithubLog } from './github-log.ts'
import { insist, type RunningProgram, startProgram } from './program.ts'
import { openSight } from './sight.ts'

/** What the runner knows of an action: scripts by absolute path, inputs by name with their defaults. */
export interface Action {
  readonly main: string
  readonly post?: string
  readonly inputs: Readonly<Record<string, string>>
}

/** Reads an action.yml. */
export function readAction(path: string): Action {
  const { runs, inputs = {} } = parse(readFileSync(path, 'utf8')) as {
    runs: { main: string; post?: string }
    inputs?: Record<string, { default?: unknown } | null>
  }
  const find = (script: string) => resolve(dirname(path), script)
  return {
    main: find(runs.main),
    ...(runs.post !== undefined && { post: find(runs.post) }),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [name, String(input?.default ?? '')]),
    ),
  }
}

export interface ActionOptions {
  /** `with:` */
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** The workspace. */
  readonly cwd?: string
  readonly matrix?: Readonly<Record<string, unknown>>
  /** The runner's own: 7.5 s after SIGINT, 2.5 s after SIGTERM. */
  readonly patienceMs?: { readonly interrupt: number; readonly terminate: number }
}

interface StepResult {
  /** What a person sees: masked, commands acted upon. */
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** Names of the workflow commands that the runner acted upon. */
  readonly commands: readonly string[]
  readonly exitCode: number
  readonly signal?: NodeJS.Signals
}

export interface ActionResult extends StepResult {
  readonly post?: StepResult
}

export interface RunningAction {
  /** Resolves once the main step's log matches. */
  sees(pattern: RegExp): Promise<void>
  /** Cancels the step as a person does; the post step follows. */
  cancel(): void
  /** What a step that hears no signal comes to: SIGKILL, and the post step. */
  kill(): void
  /** Ends the runner: the step is killed, and there is no post step. */
  loseRunner(): void
  readonly ended: Promise<ActionResult>
}

/** Runs an action to its end. */
export function runAction(action: Action, options: ActionOptions = {}): Promise<ActionResult> {
  return startAction(action, options).ended
}

/** Starts an action as a GitHub runner does (runner/src/Runner.Worker, Runner.Sdk/ProcessInvoker.cs). */
export function startAction(action: Action, options: ActionOptions = {}): RunningAction {
  const { interrupt, terminate } = options.patienceMs ?? { interrupt: 7500, terminate: 2500 }
  const env = describeJob(action, options)
  const main = startStep(action.main, env, options, [])
  let lost = false
  const finish = async (): Promise<ActionResult> => {
    const { masks, ...result } = await main.ended
    if (action.post === undefined || lost) return result
    const state = Object.entries(result.state).map(([name, value]) => [`STATE_${name}`, value])
    const post = startStep(action.post, { ...env, ...Object.fromEntries(state) }, options, masks)
    const { masks: _, ...postResult } = await post.ended
    return { ...result, post: postResult }
  }
  return {
    sees: main.sees,
    cancel: () =>
      void insist(main.program, [
        ['SIGINT', interrupt],
        ['SIGTERM', terminate],
      ]),
    kill: () => main.program.signal('SIGKILL'),
    loseRunner() {
      lost = true
      main.program.signal('SIGKILL')
    },
    ended: finish(),
  }
}

interface RunningStep {
  readonly program: RunningProgram
  sees(pattern: RegExp): Promise<void>
  readonly ended: Promise<StepResult & { readonly masks: readonly string[] }>
}

function startStep(
  script: string,
  env: Readonly<Record<string, string>>,
  options: ActionOptions,
  masks: readonly string[],
): RunningStep {
  const files = openCommandFiles()
  const sight = openSight()
  const log = openGithubLog((line) => sight.append(`${line}\n`), masks)
  const program = startProgram(script, {
    env: { HOME: files.folder, RUNNER_TEMP: files.folder, ...env, ...files.env },
    cwd: options.cwd ?? files.folder,
    onText: log.feed,
  })
  const finish = async () => {
    using closing = files
    const ending = await program.ended
    log.end()
    sight.end()
    return {
      ...ending,
      log: sight.text(),
      outputs: closing.values('GITHUB_OUTPUT'),
      state: closing.values('GITHUB_STATE'),
      summary: closing.summary(),
      annotations: log.annotations,
      commands: log.commands.map(({ name }) => name),
      masks: log.masks,
    }
  }
  return { program, sees: sight.sees, ended: finish() }
}

function describeJob(
  action: Action,
  { inputs = {}, env, cwd, matrix }: ActionOptions,
): Record<string, string> {
  const defaults = Object.entries(action.inputs).map(([name, value]) => [
    name,
    value.replace(/\$\{\{ *toJSON\(matrix\) *\}\}/i, () => JSON.stringify(matrix ?? null, null, 2)),
  ])
  const given = Object.entries({ ...Object.fromEntries(defaults), ...inputs } as Record<string, string>)
  return {
    PATH: process.env.PATH ?? '',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_REPOSITORY: 'acme/recommender',
    GITHUB_REPOSITORY_ID: '724512',
    GITHUB_RUN_ID: '9001',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'batch',
    GITHUB_ACTION: '__acme_mayfly',
    GITHUB_ACTOR: 'octocat',
    GITHUB_TRIGGERING_ACTOR: 'octocat',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: '8d5e957f297893487bd98fa830fa6413d5eb2a5f',
    ...(cwd !== undefined && { GITHUB_WORKSPACE: cwd }),
    ...env,
    ...Object.fromEntries(
      given.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
    ),
  }
}
