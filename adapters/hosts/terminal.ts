import { userInfo } from 'node:os'
import type { Fields } from '../../core/fields.ts'
import type { Host } from '../../core/host.ts'
import { describeFaults, explainOrigin } from './failures.ts'
import type { Program } from './program.ts'
import { openMask } from './secrets.ts'
import { openCancelSignal } from './signals.ts'
import { readCommandLine } from './terminal-flags.ts'
import { openScreen, type Streams } from './terminal-screen.ts'

/** A terminal: flags and words in; the log on standard error, the result on standard output. */
export function openTerminalHost(
  argv: readonly string[],
  fields: Fields,
  env: NodeJS.ProcessEnv = process.env,
  program: Program & Streams = process,
): Host {
  const { json, given, spell } = readCommandLine(argv, fields)
  const { stdout, stderr } = program
  const screen = openScreen(program, env)
  const mask = openMask()
  const say = (line: string) => screen.line(stderr, mask.apply(line))
  const label = (style: 'red' | 'yellow', word: string) => screen.style(stderr, ['bold', style], word)
  const signal = openCancelSignal(program)
  signal.addEventListener('abort', () =>
    say(`${(signal.reason as Error).message} Cleaning up; Ctrl-C again leaves at once.`),
  )
  const sayError = (message: string) =>
    say(`${label('red', 'error:')} ${message.trimEnd().replaceAll('\n', '\n  ')}`)

  const markTitle = ([title, ...others]: readonly string[]) =>
    title === undefined ? [] : [screen.style(stdout, 'bold', title), ...others]

  return {
    name: 'terminal',
    // Repository and tag are git's to tell; every call is a new wish.
    context: { jobAttempt: 1, by: `terminal ${readUser(env)}` },
    signal,
    log: {
      info: say,
      warn: (line) => say(`${label('yellow', 'warning:')} ${line}`),
      output: (text) => screen.text(json ? stderr : stdout, mask.apply(text)),
      group: (title) => say(screen.style(stderr, 'bold', `── ${title} ──`)),
      endGroup() {},
      progress: (line) => screen.progress(mask.apply(line)),
    },
    given,
    spell,
    env: (name) => env[name],
    mask: mask.add,
    saveState() {},
    setOutput() {},
    report({ lines, json: result, failure, exitCode }) {
      screen.clear()
      if (json) screen.line(stdout, JSON.stringify(result, null, 2))
      else for (const line of markTitle(lines)) screen.line(stdout, mask.apply(line))
      if (exitCode !== 0 && failure !== undefined) sayError(failure)
      program.exitCode = exitCode
    },
    fail(error, exitCode) {
      screen.clear()
      const faults = describeFaults(error)
      const [first] = faults
      if (faults.length === 1 && first !== undefined) sayError(first.message)
      else sayError([`${faults.length} problems`, ...faults.map(({ message }) => message)].join('\n'))
      for (const line of explainOrigin(error)) say(screen.style(stderr, 'dim', line))
      program.exitCode = exitCode
    },
  }
}

function readUser({ USER: user, LOGNAME: login }: NodeJS.ProcessEnv): string {
  if (user || login) return user || login || ''
  try {
    return userInfo().username
  } catch {
    // A user id without an entry in the password file, as containers have it.
    return 'unknown'
  }
}
