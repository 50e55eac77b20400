import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { findPackage } from '../../adapters/package.ts'
import { exitCodes, MayflyError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { Site } from '../site.ts'

/** Where the demo plays: a copy of the example in a folder of its own, and real programs in it. */
export interface Stage extends AsyncDisposable {
  readonly folder: string
  /** What `mayfly` stands for in the commands that are shown. */
  readonly program: string
  /** Shows a command and runs it, in a shell's words; an exit code other than the wanted one ends the demo. */
  git(...words: readonly string[]): Promise<void>
  mayfly(words: readonly string[], wanted?: number): Promise<void>
  /** Runs a command quietly and gives its result. */
  ask<Answer>(...words: readonly string[]): Promise<Answer>
  /** The folder stays, with the cloud's state in it. */
  keep(): void
}

/** Copies the example; disposing stops the local cloud and, unless it is kept, removes it all. */
export async function openStage(site: Site, { log, signal }: Host): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'mayfly-demo-'))
  const folder = join(home, 'penguins')
  await cp(join(findPackage(), 'examples/penguins'), folder, { recursive: true })
  const options = { cwd: folder, env: makeEnvironment() }
  let kept = false

  // What programs print goes where the story goes, in one order; standard output is the demo's own result.
  async function show(program: string, args: readonly string[], shown: string, wanted: number) {
    log.info(styleText('cyan', `$ ${shown}`, { stream: process.stderr }))
    const child = spawn(program, args, { ...options, stdio: ['ignore', 2, 2] })
    const [exitCode, killer] = await once(child, 'exit')
    signal.throwIfAborted()
    if (exitCode !== wanted)
      throw new MayflyError(
        `\`${shown}\` ended with ${killer ?? exitCode} and not with ${wanted}, as it should.`,
        exitCodes.unknown,
      )
  }

  async function ask<Answer>(...words: readonly string[]): Promise<Answer> {
    const args = [site.cli, ...words, '--json']
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const [result, complaint, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    if (exitCode === 0) return JSON.parse(result) as Answer
    throw new MayflyError(`\`mayfly ${words.join(' ')}\` failed: ${complaint}`, exitCodes.unknown)
  }

  return {
    folder,
    program: `node ${site.cli}`,
    git: (...words) => show('git', words, `git ${words.map(quote).join(' ')}`, 0),
    mayfly: (words, wanted = 0) =>
      show(process.execPath, [site.cli, ...words], `mayfly ${words.map(quote).join(' ')}`, wanted),
    ask,
    keep() {
      kept = true
    },
    async [Symbol.asyncDispose]() {
      // A cloud that does not stop ends by itself a little later; it must not hide why the demo ended.
      await ask('local', 'down').catch(() => undefined)
      if (!kept) await rm(home, { recursive: true, force: true })
    },
  }
}

/** Everyone's own git settings, and a cloud of the demo's own, stay out of the play. */
function makeEnvironment(): NodeJS.ProcessEnv {
  const { MAYFLY_LOCAL_STATE: _, ...env } = process.env
  const inherited = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))
  const who = { NAME: 'Mayfly demo', EMAIL: 'demo@mayfly.invalid' }
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: who.NAME,
    GIT_AUTHOR_EMAIL: who.EMAIL,
    GIT_COMMITTER_NAME: who.NAME,
    GIT_COMMITTER_EMAIL: who.EMAIL,
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
