import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** What a program cost. */
export interface Cost {
  readonly seconds: number
  /** Of the program and its children together at their highest, in MB; sampled, so that short peaks may be missed. */
  readonly peakMb: number
  readonly stdout: string
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

const sampleMs = 10

/** Runs a program to its end and tells what it took. */
export async function measure({ command, args, cwd, env }: Program): Promise<Cost> {
  const began = process.hrtime.bigint()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  let peakMb = 0
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, readTreeMb(child))
  }, sampleMs)
  const [exitCode] = await once(child, 'close')
  clearInterval(sampler)
  if (exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
  return { seconds: Number(process.hrtime.bigint() - began) / 1e9, peakMb, stdout }
}

/** Resident memory of a process and what it started, from /proc; 0 where there is none. */
function readTreeMb({ pid }: ChildProcess): number {
  if (pid === undefined) return 0
  let kilobytes = 0
  const waiting = [pid]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${next}/status`, 'utf8'))?.[1] ?? 0)
      const children = readFileSync(`/proc/${next}/task/${next}/children`, 'utf8').trim()
      waiting.push(
        ...children
          .split(' ')
          .filter((each) => each !== '')
          .map(Number),
      )
    } catch {
      // It ended between two looks.
    }
  }
  return kilobytes / 1024
}

/** The middle of an odd number of figures. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}

/** The middle, and in brackets the least and the most. */
export function spread(figures: readonly number[], digits = 0): string {
  const show = (figure: number) => figure.toFixed(digits)
  return `${show(median(figures))} [${show(Math.min(...figures))}–${show(Math.max(...figures))}]`
}
