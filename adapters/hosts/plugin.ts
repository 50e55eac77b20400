import { InputError } from '../../core/errors.ts'
import type { Card, Context, Host } from '../../core/host.ts'
import { readCredentials } from './credentials.ts'
import { describeFaults, explainOrigin } from './failures.ts'
import { findMisplaced, readPrefixed } from './given.ts'
import { type Lines, openLines } from './lines.ts'
import type { Program } from './program.ts'
import { openMask } from './secrets.ts'
import { openCancelSignal } from './signals.ts'

/** In what one CI system with plugins differs from another. */
export interface PluginSystem {
  readonly name: 'Drone' | 'Woodpecker'
  readonly context: Context
  /** Settings that the system itself adds. */
  readonly ownSettings: readonly string[]
  readonly setOutput: (name: string, value: string) => void
  /** Shows a result beside the log, where the system can. */
  readonly showCard?: (card: Card, failure: string | undefined, lines: Lines) => void
  /** The code that the plugin may leave with; says on the log why it is another. */
  readonly chooseExitCode: (exitCode: number, log: (line: string) => void) => number
}

/** A plugin's host: settings in PLUGIN_ variables, a plain log, an exit code. */
export function openPlugin(env: NodeJS.ProcessEnv, program: Program, system: PluginSystem): Host {
  const lines = openLines(program)
  const mask = openMask()
  const say = (line: string) => lines.line(mask.apply(line))
  const leave = (exitCode: number) => {
    program.exitCode = system.chooseExitCode(exitCode, say)
  }
  const { credentials: setting, ...settings } = readPrefixed(env, 'PLUGIN_')
  const given = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !system.ownSettings.includes(name)),
  )
  const credentials = setting === undefined ? undefined : readCredentials(setting)
  for (const secret of credentials?.secrets ?? []) mask.add(secret)
  if (!credentials?.problem) credentials?.keep(env, (listener) => program.on('exit', listener))
  return {
    name: system.name,
    context: system.context,
    signal: openCancelSignal(program),
    log: {
      info: say,
      warn: (line) => say(`Warning: ${line}`),
      output: (text) => lines.text(mask.apply(text)),
      group: (title) => say(`--- ${title}`),
      endGroup() {},
      progress() {},
    },
    given() {
      if (credentials?.problem) throw new InputError([credentials.problem])
      return given
    },
    spell: (field) => field,
    findMisplaced: findMisplaced(env, 'PLUGIN_', 'INPUT_'),
    env: (name) => env[name],
    mask: mask.add,
    // There is no later step of ours: a killed plugin's machine is ended by its own deadline.
    saveState() {},
    setOutput: system.setOutput,
    report({ outputs, lines: report, card, exitCode, ...rest }) {
      for (const [name, value] of Object.entries(outputs)) system.setOutput(name, value)
      for (const line of report) say(line)
      const failure = exitCode === 0 ? undefined : rest.failure
      if (failure !== undefined) say(`Error: ${failure}`)
      if (card) system.showCard?.(maskCard(card, mask.apply), failure && mask.apply(failure), lines)
      leave(exitCode)
    },
    fail(error, exitCode) {
      for (const { message } of describeFaults(error)) say(`Error: ${message}`)
      for (const line of explainOrigin(error)) say(line)
      leave(exitCode)
    },
  }
}

function maskCard({ title, facts }: Card, mask: (text: string) => string): Card {
  return { title: mask(title), facts: facts.map(([label, fact]) => [label, mask(fact)]) }
}
