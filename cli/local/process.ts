import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { findPackage } from '../../adapters/package.ts'
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
const idleSeconds = 60

/** Finds the local cloud of a folder, or starts one that outlives this program. */
export async function reachCloud(site: Site, stateDir: string): Promise<LocalCloud> {
  const { child, cloud } = await serve(site, stateDir, 'ignore', ['--idle', String(idleSeconds)])
  child.stdout?.destroy()
  child.unref()
  return cloud
}

/** Starts the local cloud for as long as this program lives; `ended` resolves when it and its machines are gone. */
export async function attachCloud(site: Site, stateDir: string) {
  const { child, cloud, ended } = await serve(site, stateDir, 'pipe', ['--attached'])
  return { cloud, ended, stop: () => void child.kill('SIGTERM') }
}

async function serve(site: Site, stateDir: string, stdin: 'ignore' | 'pipe', flags: readonly string[]) {
  makeStateDir(stateDir)
  const logFile = join(stateDir, 'cloud.log')
  const log = openSync(logFile, 'a')
  const place = ['--state', stateDir, '--project', localProject, '--bucket', localBucket]
  const child = spawnProgram(site, ['serve', ...place, ...flags], {
    // In a session of its own: Ctrl-C is for us, and it is ours to end it in good order.
    detached: true,
    stdio: [stdin, 'pipe', log],
  })
  closeSync(log)
  const ended = once(child, 'exit')
  const cloud = await readFirstLine<LocalCloud>(child)
  if (cloud !== undefined) return { child, cloud, ended }
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n')
  const message = `The local cloud ended before it answered. ${logFile} says:\n${tail}`
  throw new MayflyError(message, exitCodes.unknown)
}

/** Asks the local cloud's program for its `status`, or to `stop`; undefined where there never was a local cloud. */
export async function askProgram<Answer>(
  site: Site,
  stateDir: string,
  command: 'status' | 'stop',
): Promise<Answer | undefined> {
  if (!existsSync(stateDir)) return undefined
  const child = spawnProgram(site, [command, '--state', stateDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const answer = await readFirstLine<Answer>(child)
  if (answer !== undefined) return answer
  throw new MayflyError(`The local cloud's program could not do "${command}".`, exitCodes.unknown)
}

async function readFirstLine<Answer>(child: ChildProcess): Promise<Answer | undefined> {
  for await (const line of createInterface({ input: child.stdout as Readable }))
    return JSON.parse(line) as Answer
  return undefined
}

/** The command line itself runs on older ones too. */
const oldestNode = 24

function spawnProgram({ emulator }: Site, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(chooseNode(), [emulator, ...args], options)
}

/** This Node where it is new enough, else the one that `npm ci` has put beside us. */
export function chooseNode(): string {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return process.execPath
  const root = findPackage()
  const pinned = join(root, 'node_modules/node/bin/node')
  if (existsSync(pinned)) return pinned
  throw new MayflyError(
    `The local cloud needs Node ${oldestNode} or newer, and this is ${process.version}. Install a newer one, or run \`npm ci\` in ${root}.`,
    exitCodes.badInput,
  )
}
