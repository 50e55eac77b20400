import { ExecaError, execa } from 'execa'
import { CommandError, exitCodes, MayflyError } from '../../core/errors.ts'

/** One call of git: its arguments as data, never through a shell. */
export interface GitCall {
  /** Where git is to look for a repository; absent when the environment names one. */
  readonly directory?: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
}

/** What git printed, without its last newline. Throws a CommandError when git fails. */
export async function askGit(call: GitCall): Promise<string> {
  return (await seekGit(call, [])) as string
}

/** As `askGit`, but undefined for the exit codes that say so. git's plumbing says with 1 that there is no such thing. */
export async function seekGit(call: GitCall, none: readonly number[] = [1]): Promise<string | undefined> {
  try {
    return (await execa('git', readArguments(call), readOptions(call))).stdout
  } catch (error) {
    if (error instanceof ExecaError && none.includes(error.exitCode ?? 0)) return undefined
    throw explain(error, call)
  }
}

/** What git prints, as it comes. Ends well only if git did: the output of a killed git ends like any other. */
export async function* streamGit(call: GitCall): AsyncGenerator<Uint8Array> {
  const buffer = { stdout: false, stderr: true } as const
  try {
    yield* execa('git', readArguments(call), { ...readOptions(call), buffer }).iterable({ binary: true })
  } catch (error) {
    throw explain(error, call)
  }
}

function readArguments({ directory, args }: GitCall): readonly string[] {
  return directory === undefined ? args : ['-C', directory, ...args]
}

function readOptions({ env, signal }: GitCall) {
  return { env, extendEnv: false, stdin: 'ignore', ...(signal && { cancelSignal: signal }) } as const
}

function explain(error: unknown, { args, signal }: GitCall): unknown {
  signal?.throwIfAborted()
  if (!(error instanceof ExecaError)) return error
  if (error.code === 'ENOENT') {
    const message = 'git was not found on the PATH. Install it, or add it to the PATH.'
    return new MayflyError(message, exitCodes.unknown, { cause: error })
  }
  const said = String(error.stderr ?? '').trim()
  const how = error.signal === undefined ? `exit code ${error.exitCode}` : `signal ${error.signal}`
  const detail = said === '' ? '' : `: ${said.slice(-1000)}`
  return new CommandError(`git ${args.join(' ')}`, said, `git ${args[0]} ended with ${how}${detail}`, {
    cause: error,
  })
}
