import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RequestRecord } from '../../emulator/http.ts'
import type { EmulatorOptions } from '../../emulator/index.ts'
import type { OnRequest } from '../../emulator/server.ts'
import { type Ending, type Stage, setStage, writeBatch } from './stage.ts'

/** The commands of a batch's life, by name. */
export const commands = {
  'upload-code': ['upload-code'],
  'run-batch': ['run-batch', '--key', 'k', '--json'],
} as const

export type Command = keyof typeof commands

/** Where a command is hit: at the k-th request of its own, from 1, before its effect or after it. */
export interface Point {
  readonly k: number
  readonly moment: 'before' | 'after'
}

/** What became of a command that was hit, and of the same command asked again. */
export interface Aftermath {
  /** The request at which it was hit; undefined when it ended before. */
  readonly hit: RequestRecord | undefined
  readonly first: Ending
  readonly again: Ending
  /** What breaks a promise, each in a sentence; empty when nothing does. */
  readonly violations: readonly string[]
  /** From the signal to the seal, and to the request to delete the machine. */
  readonly sealedMs: number | undefined
  readonly deletedMs: number | undefined
}

/** Whether a request came from the command line, and not from the machine that it made. */
export function isOfCommand({ userAgent }: Pick<RequestRecord, 'userAgent'>): boolean {
  return userAgent.includes('mayfly/')
}

/** A stage with a release to upload and a batch to run, which notes down each of its machines and of its runs. */
export async function setBatchStage(
  command: Command,
  options: EmulatorOptions = {},
  step = '',
  timeout = '10m',
) {
  const machines = new Set<string>()
  const onRequest: OnRequest = (record, moment) => {
    for (const { id } of stage?.google.compute.instances() ?? []) machines.add(id)
    return options.onRequest?.(record, moment)
  }
  let stage: Stage | undefined
  stage = await setStage({ ...options, onRequest })
  const ran = join(stage.repository, '..', 'ran')
  await stage.write({
    'batch.yaml': writeBatch({
      steps: `  - { name: work, run: "echo ran >> ${ran}; echo ran > out; ${step}true" }`,
      more: 'outputs: [{ path: out }]',
      timeout,
    }),
  })
  stage.tag('v1')
  if (command === 'run-batch') await stage.mayfly(...commands['upload-code'])
  return {
    ...stage,
    /** Ids of all machines that there ever were. */
    machines,
    /** How often the batch's work was begun. */
    async works() {
      const text = await readFile(ran, 'utf8').catch(() => '')
      return text.split('\n').length - 1
    },
  }
}

/** Hits a command with a signal at a point, asks the same again, and judges what is there in the end. */
export async function hitCommand(
  command: Command,
  { k, moment }: Point,
  signal: NodeJS.Signals,
): Promise<Aftermath> {
  let count = 0
  let hit: RequestRecord | undefined
  let armed = false
  const onRequest: OnRequest = async (record, when) => {
    if (!armed || hit || !isOfCommand(record)) return undefined
    if (when === 'before') count++
    if (count !== k || when !== moment) return undefined
    hit = record
    const { child } = running
    child.kill(signal)
    if (signal !== 'SIGKILL') return undefined
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return 'lose'
  }
  // A signal that cancels is to find the work still going on.
  await using stage = await setBatchStage(command, { onRequest }, signal === 'SIGKILL' ? '' : 'sleep 30; ')
  armed = true
  const running = stage.start(...commands[command])
  const first = await running.ended
  armed = false
  const times = measure(stage, hit)
  const again = await stage.mayfly(...commands[command])
  const found =
    command === 'upload-code' ? await judgeRelease(stage, again) : await judgeRun(stage, first, again)
  return { hit, first, again, violations: [...found, ...judgeRest(stage)], ...times }
}

function measure(stage: Stage, hit: RequestRecord | undefined) {
  const since = (isMeant: (request: RequestRecord) => boolean) => {
    const request = hit && stage.google.requests().find((each) => each.id > hit.id && isMeant(each))
    return request && request.time - hit.time
  }
  return {
    sealedMs: since(
      (each) =>
        each.name === 'storage.objects.insert' && each.query.includes('result.json') && isOfCommand(each),
    ),
    // A machine that finds the fence taken may be sooner than the command.
    deletedMs: since(({ name }) => name === 'compute.instances.delete'),
  }
}

/** One release, whole, whatever happened on the way to it. */
async function judgeRelease(stage: Stage, again: Ending): Promise<string[]> {
  const violations: string[] = []
  if (again.exitCode !== 0) violations.push(`asked again, it gave ${again.exitCode}: ${again.stderr}`)
  const objects = await stage.objects()
  const pointers = objects.filter((name) => name.endsWith('/tags/v1.json'))
  const archives = objects.filter((name) => name.startsWith('code/sha256/'))
  if (pointers.length !== 1 || archives.length !== 1)
    violations.push(`expected one pointer and one archive, got ${objects.join(' ')}`)
  const pointer = pointers[0] === undefined ? '' : await stage.read(pointers[0])
  const digest = /sha256\/([0-9a-f]+)/.exec(archives[0] ?? '')?.[1] ?? 'none'
  if (!pointer.includes(digest)) violations.push(`the pointer does not lead to ${digest}: ${pointer}`)
  return violations
}

/** One attempt, one machine, one result, and everyone who reports says what it says. */
export async function judgeRun(
  stage: Awaited<ReturnType<typeof setBatchStage>>,
  first: Ending,
  again: Ending,
): Promise<string[]> {
  const violations: string[] = []
  const objects = await stage.objects()
  for (const name of ['run', 'attempt', 'started', 'result']) {
    const found = objects.filter((object) => object.endsWith(`/${name}.json`))
    if (found.length !== 1) violations.push(`expected one ${name}.json, got ${found.length}`)
  }
  if (stage.machines.size > 1) violations.push(`there were ${stage.machines.size} machines`)
  const works = await stage.works()
  const name = objects.find((object) => object.endsWith('/result.json'))
  const result = name === undefined ? undefined : JSON.parse(await stage.read(name))
  if (works > 1 || (result?.state === 'succeeded' && works !== 1))
    violations.push(`the work was begun ${works} times`)
  if (again.exitCode !== result?.exitCode)
    violations.push(`asked again, it gave ${again.exitCode}, and the result says ${result?.exitCode}`)
  const told = readState(first)
  if (told !== undefined && told !== result?.state)
    violations.push(`the first said ${told}, and the result says ${result?.state}`)
  if (first.exitCode === 0 && told !== 'succeeded') violations.push('the first gave 0 without a success')
  if (result?.state === 'succeeded' && !objects.some((object) => object.endsWith('/outputs/out')))
    violations.push('a success without its output')
  return violations
}

function readState({ stdout }: Ending): string | undefined {
  try {
    return (JSON.parse(stdout) as { state?: string }).state
  } catch {
    return undefined
  }
}

/** What no command may leave behind, whatever befell it. */
export function judgeRest({ google }: Pick<Stage, 'google'>): string[] {
  const left = [
    ...google.compute.instances().map(({ name, status }) => `machine ${name} ${status}`),
    ...google.compute.disks().map(({ name }) => `disk ${name}`),
    ...google.unknown().map(({ path }) => `unknown request ${path}`),
  ]
  return left.map((each) => `left: ${each}`)
}

/** The requests that a command makes when nothing befalls it. */
export async function traceCommand(command: Command): Promise<readonly RequestRecord[]> {
  await using stage = await setBatchStage(command)
  const before = stage.google.requests().length
  const { exitCode, stderr } = await stage.mayfly(...commands[command])
  if (exitCode !== 0) throw new Error(`${command} gave ${exitCode} on a healthy cloud: ${stderr}`)
  return stage.google.requests().slice(before)
}

/** A request in few words. */
export function nameRequest({ name, path, query }: RequestRecord): string {
  const object = new URLSearchParams(query).get('name') ?? decodeURIComponent(path)
  return `${name} ${object.slice(object.lastIndexOf('/') + 1)}`
}
