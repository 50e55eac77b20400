import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
  const chunks: Uint8Array[] = []
  for await (const chunk of streamGit(place, args)) chunks.push(chunk)
  return Buffer.concat(chunks).toString().replace(/\n$/, '')
}

/** As `askGit`, but undefined for exit code 1, with which git's plumbing says that there is no such thing. */
export async function seekGit(place: Place, ...args: readonly string[]): Promise<string | undefined> {
  try {
    return await askGit(place, ...args)
  } catch (error) {
    if (error instanceof GitError && error.gitCode === 1) return undefined
    throw error
  }
}

/** What git prints, as it comes. Ends well only if git did: the output of a killed git ends like any other. */
export async function* streamGit(
  { directory, env }: Place,
  args: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  const where = directory === undefined ? [] : ['-C', directory]
  const git = spawn('git', [...where, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => void git.kill()
  signal?.addEventListener('abort', stop)
  let said = ''
  git.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(git, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // Awaited after the output has ended; until then nobody else looks at it.
  closed.catch(() => undefined)
  try {
    yield* git.stdout as AsyncIterable<Uint8Array>
    const [code, ending] = await closed
    signal?.throwIfAborted()
    if (code !== 0) throw new GitError(args, said.trim(), code, ending)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const message = 'git was not found on the PATH. Install it, or add it to the PATH.'
    throw new MayflyError(message, exitCodes.unknown, { cause: error })
  } finally {
    signal?.removeEventListener('abort', stop)
    // A reader that leaves early takes git with it.
    if (git.exitCode === null) git.kill()
  }
}

class GitError extends CommandError {
  readonly gitCode: number | null

  constructor(args: readonly string[], said: string, code: number | null, ending: NodeJS.Signals | null) {
    const how = ending === null ? `exit code ${code}` : `signal ${ending}`
    const detail = said === '' ? '' : `: ${said.slice(-1000)}`
    super(`git ${args.join(' ')}`, said, `git ${args[0]} ended with ${how}${detail}`)
    this.gitCode = code
  }
}
