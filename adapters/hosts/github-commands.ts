import { randomUUID } from 'node:crypto'
import { openLines } from './lines.ts'
import type { Program } from './program.ts'

/** The log of a GitHub step, in which some lines are commands to the runner. */
export interface Commands {
  issue(name: string, data?: string, properties?: Readonly<Record<string, string>>): void
  /** A line that is no command, whatever it says. */
  line(line: string): void
  /** A user's text, as it is; nothing in it can be a command. */
  text(text: string): void
}

/**
 * Opens the command log. Text that might be taken for a command goes out while the runner's commands are stopped:
 * only a line with a token that nobody could know starts them again
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands).
 */
export function openCommands(program: Program): Commands {
  const lines = openLines(program)
  let token: string | undefined
  const stop = () => {
    if (token !== undefined) return
    token = randomUUID()
    lines.line(`::stop-commands::${token}`)
  }
  const resume = () => {
    if (token !== undefined) lines.line(`::${token}::`)
    token = undefined
  }
  return {
    issue(name, data = '', properties = {}) {
      resume()
      lines.line(formatCommand(name, data, properties))
    },
    line(line) {
      if (mayAct(line)) stop()
      lines.line(line)
    },
    text(text) {
      if (text !== '') stop()
      lines.text(text)
    },
  }
}

/** The runner takes `::name::` at the start of a line, and `##[name]` anywhere in it, for a command (ActionCommand.cs). */
function mayAct(line: string): boolean {
  return line.includes('::') || line.includes('##[')
}

function formatCommand(name: string, data: string, properties: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`)
  return `::${[name, pairs.join(',')].filter((part) => part !== '').join(' ')}::${escapeData(data)}`
}

function escapeData(data: string): string {
  return data.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(value: string): string {
  return escapeData(value).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
