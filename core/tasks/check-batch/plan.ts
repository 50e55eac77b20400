import type { Destination } from '../../notify/destination.ts'
import { formatBytes, formatDuration } from '../../units.ts'
import type { BatchSight, EndedRun, NewestSuccess, RunningRun } from './sight.ts'

/** What a batch has to keep to. */
export interface Limits {
  readonly maxAgeSeconds?: number
  /** From 0 to 1. */
  readonly maxShrink: number
  /** Successes before the newest. */
  readonly history: number
}

/** One thing that is not as it should be. */
export interface Trouble {
  readonly kind: 'never' | 'stale' | 'failed' | 'overdue' | 'missing' | 'empty' | 'shrunk' | 'unreadable'
  readonly output?: string
  readonly message: string
}

/** How a batch stands. Times are ISO 8601. */
export interface Finding {
  readonly batch: string
  readonly well: boolean
  readonly troubles: readonly Trouble[]
  readonly success?: {
    readonly run: string
    readonly ended: string
    readonly ageSeconds: number
    readonly outputs: readonly { readonly name: string; readonly bytes: number; readonly median?: number }[]
  }
  /** The newest that is over and was not cancelled. */
  readonly last?: { readonly run: string; readonly state: string; readonly exitCode: number }
  readonly running: readonly { readonly run: string; readonly by: string; readonly seconds: number }[]
}

export interface CheckPlan {
  readonly bucket: string
  readonly limits: Limits
  /** Google's time at which this was so, ISO 8601. */
  readonly time: string
  readonly findings: readonly Finding[]
  /** Who hears of what has changed. */
  readonly slack?: Destination
}

/**
 * Between a machine's last moment and the time when somebody should have written its result, or have asked for another
 * machine in place of a lost one.
 */
const graceMs = 15 * 60_000

/** How a batch stands at a time, in milliseconds since the epoch. A pure function. */
export function judgeBatch(sight: BatchSight, limits: Limits, bucket: string, time: number): Finding {
  const { batch, ended, running, success, unreadable } = sight
  // Whoever cancels a run knows.
  const last = ended.find(({ result }) => result.state !== 'cancelled')
  const outputs = success ? compareOutputs(success, ended, limits.history) : []
  const troubles =
    unreadable === undefined
      ? [
          ...(success ? judgeAge(success, limits, time) : [describeNever(sight, bucket)]),
          ...(last === undefined || isRecent(sight.lost, time) ? [] : judgeEnd(last)),
          ...running.flatMap((run) => judgeTime(run, time)),
          ...(success ? judgeOutputs(success, outputs, limits) : []),
        ]
      : [{ kind: 'unreadable' as const, message: unreadable }]
  return {
    batch,
    well: troubles.length === 0,
    troubles,
    ...(success && {
      success: {
        run: success.run,
        ended: new Date(success.ended).toISOString(),
        ageSeconds: secondsSince(success.ended, time),
        outputs,
      },
    }),
    ...(last && { last: { run: last.run, state: last.result.state, exitCode: last.result.exitCode } }),
    running: running.map(({ run, by, opened }) => ({ run, by, seconds: secondsSince(opened, time) })),
  }
}

function secondsSince(then: number, time: number): number {
  return Math.max(0, Math.round((time - then) / 1000))
}

function describeNever({ batch, ended, running }: BatchSight, bucket: string): Trouble {
  const { length } = ended
  if (length > 0)
    return {
      kind: 'never',
      message: `No run has succeeded${length === 1 ? '; there was one' : ` of the last ${length}`}.`,
    }
  const message =
    running.length > 0
      ? 'No run is over yet.'
      : `No run of ${batch} was ever asked for in gs://${bucket}. Is that the name in the batch file, and is its schedule on?`
  return { kind: 'never', message }
}

function judgeAge(
  { run, ended }: NewestSuccess,
  { maxAgeSeconds }: Limits,
  time: number,
): readonly Trouble[] {
  const age = secondsSince(ended, time)
  if (maxAgeSeconds === undefined || age <= maxAgeSeconds) return []
  const [is, may] = [age, maxAgeSeconds].map(formatDuration)
  return [{ kind: 'stale', message: `The newest success, ${run}, is ${is} old, and may be ${may} old.` }]
}

function isRecent(lost: number | undefined, time: number): boolean {
  return lost !== undefined && time <= lost + graceMs
}

function judgeEnd({ run, result }: EndedRun): readonly Trouble[] {
  const { state, exitCode, message } = result
  if (state === 'succeeded') return []
  const what = `The last run, ${run}, ${state === 'failed' ? 'failed' : `is ${state}`}, exit code ${exitCode}`
  return [{ kind: 'failed', message: `${what}: ${message.split('\n')[0]}` }]
}

function judgeTime({ run, due }: RunningRun, time: number): readonly Trouble[] {
  if (time <= due + graceMs) return []
  const late = formatDuration(secondsSince(due, time))
  const message = `${run} has no result ${late} after its time was over: nobody follows it any more. Ask again for its key, or run sweep.`
  return [{ kind: 'overdue', message }]
}

type Compared = NonNullable<Finding['success']>['outputs'][number]

function compareOutputs(
  success: NewestSuccess,
  ended: readonly EndedRun[],
  history: number,
): readonly Compared[] {
  const before = ended
    .filter(({ run, result }) => result.state === 'succeeded' && run !== success.run)
    .slice(0, history)
  return success.result.outputs.map(({ name, bytes }) => {
    const sizes = before.flatMap(({ result }) =>
      result.outputs.filter((output) => output.name === name).map((output) => output.bytes),
    )
    return { name, bytes, ...(sizes.length > 0 && { median: findMedian(sizes) }) }
  })
}

function findMedian(sizes: readonly number[]): number {
  const sorted = sizes.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[Math.floor(index)] as number
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2
}

function judgeOutputs(
  { run, planned, gone, result }: NewestSuccess,
  outputs: readonly Compared[],
  { maxShrink }: Limits,
): readonly Trouble[] {
  const stored = new Set(result.outputs.map(({ name }) => name))
  const never = planned.filter((name) => !stored.has(name))
  return [
    ...never.map((output) => ({ output, message: `${run} succeeded without its output ${output}.` })),
    ...gone.map((output) => ({ output, message: `The output ${output} of ${run} was deleted since.` })),
  ]
    .map((each): Trouble => ({ kind: 'missing', ...each }))
    .concat(outputs.flatMap((output) => judgeSize(run, output, maxShrink)))
}

function judgeSize(run: string, { name, bytes, median }: Compared, maxShrink: number): readonly Trouble[] {
  if (bytes === 0) return [{ kind: 'empty', output: name, message: `The output ${name} of ${run} is empty.` }]
  if (median === undefined || bytes >= median * (1 - maxShrink)) return []
  const share = Math.floor((1 - bytes / median) * 1000) / 10
  const message = `The output ${name} of ${run} has ${formatBytes(bytes)}: ${share} % less than the ${formatBytes(median)} that were usual.`
  return [{ kind: 'shrunk', output: name, message }]
}
