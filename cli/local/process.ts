import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { exitCodes, MayflyError } from '../../core/errors.ts'
import type { Site } from '../site.ts'
import { localBucket, localProject } from './environment.ts'
import { makeStateDir } from './state.ts'

/** A local cloud that answers. */
export interface LocalCloud {
  readonly url: string
  readonly pid: number
  /** It did not run before. */
  readonly started: boolean
}

/** Seconds without a request and without a machine, after which a local cloud ends by itself. */
export const idleSeconds = 60

/** Finds the local cloud of a folder, or starts one that outlives this program. */
export async function reachCloud(site: Site, stateDir: string): Promise<LocalCloud> {
  const child = spawnServe(site, stateDir, { detached: true, flags: ['--idle', String(idleSeconds)] })
  const cloud = await readFirstLine<LocalCloud>(child, stateDir)
  child.stdout?.destroy()
  child.unref()
  return cloud
}

/** Starts the local cloud as a child that lives no longer than this program; `ended` resolves at its end. */
export async function attachCloud(site: Site, stateDir: string) {
  const child = spawnServe(site, stateDir, { detached: false, flags: ['--attached'] })
  const ended = once(child, 'exit')
  const cloud = await readFirstLine<LocalCloud>(child, stateDir)
  return { cloud, ended, stop: () => void child.kill('SIGTERM') }
}

/** Asks the local cloud's program for its `status`, or to `stop`; undefined where there never was a local cloud. */
export async function askProgram<Answer>(
  site: Site,
  stateDir: string,
  command: 'status' | 'stop',
): Promise<Answer | undefined> {
  if (!existsSync(stateDir)) return undefined
  const child = spawn(process.execPath, [site.emulator, command, '--state', stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return readFirstLine<Answer>(child, stateDir)
}

/** The command line itself runs on older ones too. */
const oldestNode = 24

function spawnServe(
  site: Site,
  stateDir: string,
  { detached, flags }: { readonly detached: boolean; readonly flags: readonly string[] },
): ChildProcess {
  if (Number.parseInt(process.versions.node, 10) < oldestNode)
    throw new MayflyError(
      `The local cloud needs Node ${oldestNode} or newer, and this is ${process.version}.`,
      exitCodes.badInput,
    )
  makeStateDir(stateDir)
  const log = openSync(logOf(stateDir), 'a')
  const place = ['--state', stateDir, '--project', localProject, '--bucket', localBucket]
  const child = spawn(process.execPath, [site.emulator, 'serve', ...place, ...flags], {
    detached,
    // Its input ends with this program; what it says after its first line is for the file.
    stdio: [detached ? 'ignore' : 'pipe', 'pipe', log],
  })
  closeSync(log)
  return child
}

async function readFirstLine<Answer>(child: ChildProcess, stateDir: string): Promise<Answer> {
  for await (const line of createInterface({ input: child.stdout as Readable }))
    return JSON.parse(line) as Answer
  const tail = readFileSync(logOf(stateDir), 'utf8').trimEnd().split('\n').slice(-10).join('\n')
  throw new MayflyError(
    `The local cloud ended before it answered. ${logOf(stateDir)} says:\n${tail}`,
    exitCodes.unknown,
  )
}

function logOf(stateDir: string): string {
  return join(stateDir, 'cloud.log')
}
