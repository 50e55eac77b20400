import { runObjects } from '../depot.ts'
import { CloudError, exitCodes } from '../errors.ts'
import type { Log } from '../host.ts'
import type { Clock, Compute, Objects } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { readEntrance } from './fence.ts'
import { LogReader, type Seen } from './log-reader.ts'
import type { Machine } from './machine.ts'
import { parseRecord, type ResultRecord, type RunRecord, resultRecord } from './records.ts'
import { cancelled, readAbortCode, sealAttempt, sealUnbegun, type Verdict } from './seal.ts'

/** What following needs from the world. */
export interface Watch {
  readonly objects: Objects
  readonly compute: Compute
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Who to name when the signal aborts. */
  readonly by: string
}

const times = {
  poll: { least: 250, most: 3000 },
  /** Between looks at the machine itself. */
  machine: 5000,
  /** Without a fence after this, the machine does not boot. */
  boot: 10 * 60_000,
  /** After the deadline: Google's own 30 s late and 120 s for the shutdown, then some. */
  overdue: 180_000,
}

/** The bootstrap says this on the serial console when it cannot start the agent. */
const surrender = /^.*mayfly: cannot .*$/m

/**
 * Follows an attempt until it has a result: passes on its log, and when the machine is gone, never boots or outlives
 * its deadline, or the host wants to stop, seals it. The result is the one that everyone reports.
 */
export async function followAttempt(
  watch: Watch,
  run: RunRecord,
  path: string,
  attempt: Attempt,
  machine: Machine | undefined,
): Promise<{ readonly result: ResultRecord; readonly started?: number }> {
  const { objects, clock, log } = watch
  const { number } = attempt.record
  const began = clock.now()
  const reader = new LogReader(objects, path, number, log)
  let looked = began
  let since = began
  let entered = false
  let seen: Seen = { result: false }
  const aborted = watchAbort(watch.signal)
  for (;;) {
    // A call that hangs must not keep a host that wants to stop from stopping.
    seen = (await Promise.race([reader.read(), aborted])) ?? seen
    if (seen.result) return { result: await readResult(objects, path, number), ...startedAt(seen) }
    const seal = (verdict: Verdict) => sealAttempt(objects, path, number, verdict)
    if (watch.signal.aborted) {
      const code = readAbortCode(watch.signal)
      return { result: await seal({ ...cancelled(watch.by, code), ...placeOf(machine) }), ...startedAt(seen) }
    }
    if (seen.started !== undefined && !entered) {
      entered = true
      // One that came late, by a request that was answered late, has its whole time from here.
      since = clock.now()
      machine = await findEntrant(objects, path, attempt, machine)
    }
    const now = clock.now()
    if (machine === undefined || now - looked >= times.machine) {
      looked = now
      const waited = now - since
      const judging = judge(watch, run, attempt, machine, seen.started, waited)
      const verdict = await Promise.race([judging, aborted])
      if (verdict !== undefined) {
        // The machine may have spoken between the list and the look at it.
        const last = await reader.read()
        if (last.started !== undefined && !entered && !last.result) continue
        const result = last.result
          ? await readResult(objects, path, number)
          : entered
            ? await seal(verdict)
            : await sealUnbegun(objects, path, number, verdict)
        // Undefined: it began while we were giving it up, and what was held against it is no longer so.
        if (result !== undefined) return { result, ...startedAt(last) }
        continue
      }
    }
    const pause = Math.min(times.poll.most, Math.max(times.poll.least, (now - began) / 20))
    await clock.sleep(pause, watch.signal)
  }
}

/** Resolves to undefined when the signal aborts. */
export function watchAbort(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/**
 * The machine that counts: of two callers at the same time, each may have made one where the other found no room, and the
 * fence let one of those through.
 */
async function findEntrant(
  objects: Objects,
  path: string,
  { record }: Attempt,
  machine: Machine | undefined,
): Promise<Machine | undefined> {
  const zone = await readEntrance(objects, path, record.number)
  return zone === undefined || zone === machine?.zone ? machine : { name: record.instance, zone }
}

/** What the machine's state says about an attempt without a result; undefined: nothing yet. */
async function judge(
  { compute, clock }: Watch,
  run: RunRecord,
  attempt: Attempt,
  machine: Machine | undefined,
  started: number | undefined,
  waited: number,
): Promise<Verdict | undefined> {
  const instance = machine && (await compute.instance(machine.zone, machine.name))
  if (machine === undefined || instance === undefined || instance.status === 'TERMINATED') {
    const place = placeOf(machine)
    // A machine may have been long in coming: its time runs from when it was asked for.
    const age = clock.now() - (machine?.asked ?? attempt.created)
    if (age >= run.timeoutSeconds * 1000) return { ...timedOut(run), ...place }
    const when = started === undefined ? 'before its work began' : 'in the middle of its work'
    const message = `The machine was lost ${when}, without a result: preempted, deleted by someone, or a host error.`
    return { state: 'lost', exitCode: exitCodes.lost, message, ...place }
  }
  // A machine that is there is given up only for what has been waited here: this computer's time may not be Google's.
  if (waited >= run.timeoutSeconds * 1000 + times.overdue) return { ...timedOut(run), ...placeOf(machine) }
  if (started !== undefined) return undefined
  const console = await readConsole(compute, machine)
  const reason = surrender.exec(console)?.[0]
  if (reason === undefined && waited < times.boot) return undefined
  return {
    state: 'lost',
    exitCode: exitCodes.lost,
    message: `The machine did not start its work. ${reason ?? `Its console ends with:\n${console.split('\n').slice(-20).join('\n')}`}`,
    ...placeOf(machine),
  }
}

/** For a diagnosis only: a machine that has gone since it was looked at has none, and the next look says that. */
async function readConsole(compute: Compute, { zone, name }: Machine): Promise<string> {
  try {
    return await compute.serialTail(zone, name)
  } catch (error) {
    if (error instanceof CloudError) return ''
    throw error
  }
}

function timedOut(run: RunRecord): Verdict {
  return {
    state: 'timed-out',
    exitCode: exitCodes.timedOut,
    message: `The run had not ended after its timeout of ${run.timeoutSeconds} s, and the machine said nothing more.`,
  }
}

function placeOf(machine: Machine | undefined): Pick<Verdict, 'zone' | 'placement'> {
  if (machine === undefined) return {}
  const { zone, placement } = machine
  return { zone, ...(placement && { placement }) }
}

function startedAt(seen: Seen): { started?: number } {
  return seen.started === undefined ? {} : { started: seen.started }
}

async function readResult(objects: Objects, path: string, number: number): Promise<ResultRecord> {
  const name = runObjects.result(path, number)
  const bytes = await objects.read(name)
  return parseRecord(resultRecord, name, bytes ?? new Uint8Array())
}
