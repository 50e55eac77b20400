import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { insist, startProgram } from './program.ts'
import { openSight } from './sight.ts'

type Scalar = string | number | boolean
type Setting = Scalar | readonly Scalar[] | Readonly<Record<string, unknown>>

export interface PluginOptions {
  /** Default: drone. Harness runs Drone plugins with outputs. */
  readonly system?: 'drone' | 'harness' | 'woodpecker'
  /** `settings:` */
  readonly settings?: Readonly<Record<string, Setting>>
  /** Settings that come `from_secret`: masked in the log. */
  readonly secrets?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** The workspace. */
  readonly cwd?: string
  /** Between SIGTERM and SIGKILL; Woodpecker's own is 20 s. */
  readonly patienceMs?: number
}

export interface PluginResult {
  readonly log: string
  /** What Drone's server is given of the step's card. */
  readonly card?: unknown
  /** What Harness would read; empty elsewhere. */
  readonly outputs: Readonly<Record<string, string>>
  readonly exitCode: number
  readonly signal?: NodeJS.Signals
  /** What the system makes of the exit code: Drone takes 78 for a success that stops the pipeline. */
  readonly verdict: 'success' | 'failure' | 'success, and stop'
}

export interface RunningPlugin {
  sees(pattern: RegExp): Promise<void>
  /** Drone kills at once; Woodpecker asks first. */
  cancel(): void
  readonly ended: Promise<PluginResult>
}

/** Runs a plugin to its end. */
export function runPlugin(script: string, options: PluginOptions = {}): Promise<PluginResult> {
  return startPlugin(script, options).ended
}

/** Starts a plugin's program as the runner of its CI system starts it in a container. */
export function startPlugin(script: string, options: PluginOptions = {}): RunningPlugin {
  const { system = 'drone', settings = {}, secrets = {}, patienceMs = 20_000 } = options
  const folder = mkdtempSync(join(tmpdir(), 'plugin-'))
  const outputFile = join(folder, 'output.env')
  if (system === 'harness') writeFileSync(outputFile, '')
  const sight = openSight()
  const show = (text: string) => sight.append(mask(text, Object.values(secrets)))
  const extractor = openExtractor(show)
  const program = startProgram(script, {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      ...describeBuild[system](outputFile),
      ...options.env,
      ...nameSettings({ ...settings, ...secrets }, system),
    },
    cwd: options.cwd ?? folder,
    onText: (text) => (system === 'woodpecker' ? show(text) : extractor.write(text)),
  })
  const finish = async (): Promise<PluginResult> => {
    const ending = await program.ended
    sight.end()
    const outputs = system === 'harness' ? readDotenv(readFileSync(outputFile, 'utf8')) : {}
    rmSync(folder, { recursive: true, force: true })
    const { card } = extractor
    return {
      ...ending,
      log: sight.text(),
      ...(card !== undefined && { card }),
      outputs,
      verdict: judge(ending.exitCode, system),
    }
  }
  return {
    sees: sight.sees,
    cancel: () => void insist(program, system === 'woodpecker' ? [['SIGTERM', patienceMs]] : []),
    ended: finish(),
  }
}

/** The environment that settings become. Lists of scalars are joined by commas, all that is deeper goes as JSON; only Woodpecker replaces `-` and `.`. */
export function nameSettings(
  settings: Readonly<Record<string, Setting>>,
  system: string,
): Record<string, string> {
  const named = Object.entries(settings).map(([name, value]) => {
    const plain = system === 'woodpecker' ? name.replace(/[-.]/g, '_') : name
    return [`PLUGIN_${plain.toUpperCase()}`, formatSetting(value)]
  })
  return Object.fromEntries(named)
}

function formatSetting(value: Setting): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function mask(text: string, secrets: readonly string[]): string {
  const lines = secrets.flatMap((secret) => secret.split('\n')).filter((line) => line.length >= 2)
  return lines.reduce((masked, line) => masked.replaceAll(line, '******'), text)
}

function judge(exitCode: number, system: string): PluginResult['verdict'] {
  if (exitCode === 78 && system !== 'woodpecker') return 'success, and stop'
  return exitCode === 0 ? 'success' : 'failure'
}

const cardMarks = ['\u001b]1338;', '\u001b]0m\n'] as const

/** As the runner looks for a card: a write that begins with its mark, whole or in pieces (drone/runner-go, livelog/extractor). */
function openExtractor(pass: (text: string) => void) {
  let held = ''
  return {
    card: undefined as unknown,
    write(text: string) {
      const [start, end] = cardMarks
      const lines = (held + text).split(/(?<=\n)/)
      held = ''
      for (const line of lines) {
        if (!line.startsWith(start)) pass(line)
        else if (!line.endsWith(end)) held = line
        else this.card = JSON.parse(Buffer.from(line.slice(start.length, -end.length), 'base64').toString())
      }
    },
  }
}

/** What godotenv makes of the file (github.com/harness/godotenv, parser.go). */
function readDotenv(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=')
      const raw = line.slice(at + 1)
      const value = raw.startsWith('"')
        ? raw.slice(1, -1).replaceAll('\\n', '\n').replaceAll('\\"', '"')
        : raw
      return [
        line.slice(0, at),
        value.replace(/(\\?)\$(\w+)/g, (_, escaped, name) => (escaped ? `$${name}` : '')),
      ]
    }),
  )
}

const drone = {
  CI: 'true',
  DRONE: 'true',
  DRONE_REPO: 'acme/recommender',
  DRONE_BUILD_NUMBER: '42',
  DRONE_BUILD_EVENT: 'push',
  DRONE_BUILD_LINK: 'https://drone.acme.example/acme/recommender/42',
  DRONE_STAGE_NUMBER: '1',
  DRONE_STEP_NUMBER: '3',
  DRONE_CARD_PATH: '/dev/stdout',
  DRONE_COMMIT_SHA: '8d5e957f297893487bd98fa830fa6413d5eb2a5f',
}

const describeBuild = {
  drone: () => drone,
  harness: (outputFile: string) => ({
    ...drone,
    DRONE_OUTPUT: outputFile,
    PLUGIN_ARTIFACT_FILE: `${outputFile}-artifact`,
  }),
  woodpecker: () => ({
    // Woodpecker sets these for plugins that were written for Drone.
    DRONE: 'true',
    DRONE_REPO: 'acme/recommender',
    DRONE_BUILD_NUMBER: '7',
    DRONE_STEP_NUMBER: '0',
    CI: 'woodpecker',
    CI_SYSTEM_NAME: 'woodpecker',
    CI_REPO: 'acme/recommender',
    CI_PIPELINE_NUMBER: '7',
    CI_PIPELINE_URL: 'https://woodpecker.acme.example/repos/1/pipeline/7',
    CI_PIPELINE_AUTHOR: 'octocat',
    CI_WORKFLOW_NUMBER: '1',
    CI_STEP_NAME: 'run',
    CI_COMMIT_SHA: '8d5e957f297893487bd98fa830fa6413d5eb2a5f',
  }),
}
