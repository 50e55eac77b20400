import { ExecaError, execa } from 'execa'
import { CommandError, exitCodes, MayflyError } from '../../core/errors.ts'

/** Where git runs. */
export interface Place {
  /** Where it looks for a repository; absent when the environment names one. */
  readonly directory?: string
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
}

/** What git printed, without its last newline. Throws a CommandError when git fails. */
export async function askGit(place: Place, ...args: readonly string[]): Promise<string> {
  try {
    return (await execa('git', inPlace(place, args), readOptions(place))).stdout
  } catch (error) {
    throw explain(error, args)
  }
}

/** As `askGit`, but undefined for exit code 1, with which git's plumbing says that there is no such thing. */
export async function seekGit(place: Place, ...args: readonly string[]): Promise<string | undefined> {
  try {
    return await askGit(place, ...args)
  } catch (error) {
    if (error instanceof Error && (error.cause as ExecaError | undefined)?.exitCode === 1) return undefined
    throw error
  }
}

/** What git prints, as it comes. Ends well only if git did: the output of a killed git ends like any other. */
export async function* streamGit(
  place: Place,
  args: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const buffer = { stdout: false, stderr: true } as const
  const options = { ...readOptions(place), buffer, ...(signal && { cancelSignal: signal }) }
  try {
    yield* execa('git', inPlace(place, args), options).iterable({ binary: true })
  } catch (error) {
    signal?.throwIfAborted()
    throw explain(error, args)
  }
}

function inPlace({ directory }: Place, args: readonly string[]): readonly string[] {
  return directory === undefined ? args : ['-C', directory, ...args]
}

function readOptions({ env }: Place) {
  return { env, extendEnv: false, stdin: 'ignore' } as const
}

function explain(error: unknown, args: readonly string[]): unknown {
  if (!(error instanceof ExecaError)) return error
  if (error.code === 'ENOENT') {
    const message = 'git was not found on the PATH. Install it, or add it to the PATH.'
    return new MayflyError(message, exitCodes.unknown, { cause: error })
  }
  const said = String(error.stderr ?? '').trim()
  const how = error.signal === undefined ? `exit code ${error.exitCode}` : `signal ${error.signal}`
  const message = `git ${args[0]} ended with ${how}${said === '' ? '' : `: ${said.slice(-1000)}`}`
  return new CommandError(`git ${args.join(' ')}`, said, message, { cause: error })
}
