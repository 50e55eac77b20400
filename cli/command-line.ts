import { openTerminalHost } from '../adapters/hosts/terminal.ts'
import { readVersion } from '../adapters/package.ts'
import { exitCodes } from '../core/errors.ts'
import { type Asked, readAsked } from './asked.ts'
import { entries, loadCommand } from './commands.ts'
import { writeHelp, writeOverview } from './help.ts'
import { findSite, type Site } from './site.ts'

/** Does what a command line asks for; the exit code is left in `process.exitCode`. */
export async function runCommandLine(argv: readonly string[], mainUrl: string): Promise<void> {
  process.stdout.on('error', leaveOnClosedPipe)
  const site = findSite(mainUrl)
  const asked = readAsked(argv, entries)
  if (asked.kind !== 'command') return answer(asked, site)
  const command = await loadCommand(asked.entry, asked.local, site)
  await command.start(openTerminalHost(asked.argv, command.fields))
}

async function answer(asked: Exclude<Asked, { kind: 'command' }>, site: Site): Promise<void> {
  const width = Math.min(process.stdout.columns ?? 80, 100)
  if (asked.kind === 'version') return print([`mayfly ${readVersion()}`])
  if (asked.kind === 'help') {
    const command = await loadCommand(asked.entry, asked.local, site)
    return print(writeHelp(asked.entry, command, { local: asked.local, width }))
  }
  if (asked.kind === 'unknown') {
    process.exitCode = exitCodes.badInput
    return printError([`error: ${asked.message}`, "'mayfly help' lists all commands."])
  }
  const summaries = entries.map(
    async (entry) => [entry, (await loadCommand(entry, false, site)).summary] as const,
  )
  const overview = writeOverview(await Promise.all(summaries), { prefix: asked.prefix, width })
  if (asked.wanted) return print(overview)
  // A script whose command turned out empty must not take this for success.
  process.exitCode = exitCodes.badInput
  printError(overview)
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function printError(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`)
}

/**
 * Whoever read our output has gone, as in `mayfly runs logs RUN | head`. A run that has been asked for does not need
 * us, so that leaving as any program does (128 + SIGPIPE) is no harm.
 */
function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
}
