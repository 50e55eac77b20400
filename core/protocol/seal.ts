import { randomUUID } from 'node:crypto'
import { runObjects } from '../depot.ts'
import { CancelledError, exitCodes } from '../errors.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import { parseRecord, type ResultRecord, type StartedRecord, startedRecord } from './records.ts'
import { concludeAttempt } from './result.ts'

/** What a controller that gives up on an attempt has to say. */
export type Verdict = Pick<ResultRecord, 'state' | 'exitCode' | 'message'> &
  Partial<Pick<ResultRecord, 'reason' | 'zone' | 'placement'>>

/**
 * Ends an attempt from outside. The fence is taken first, so that a machine which has not begun never will; then the
 * result is written, unless someone was sooner: the winner's result is returned and is everyone's.
 */
export async function sealAttempt(
  objects: Objects,
  path: string,
  number: number,
  verdict: Verdict,
): Promise<ResultRecord> {
  return conclude(objects, path, number, verdict, await takeFence(objects, path, number))
}

/** The same about a machine that has not begun; undefined when one began while the fence was being taken. */
export async function sealUnbegun(
  objects: Objects,
  path: string,
  number: number,
  verdict: Verdict,
): Promise<ResultRecord | undefined> {
  const entrant = await takeFence(objects, path, number)
  return entrant === undefined ? conclude(objects, path, number, verdict, undefined) : undefined
}

function conclude(
  objects: Objects,
  path: string,
  number: number,
  verdict: Verdict,
  entrant: StartedRecord | undefined,
): Promise<ResultRecord> {
  return concludeAttempt(objects, path, number, {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
    ...verdict,
    began: entrant !== undefined,
    // Where the machine is that has to be deleted, whichever one the caller had in mind.
    ...(entrant?.zone !== undefined && { zone: entrant.zone }),
    steps: [],
    phases: [],
    outputs: [],
  })
}

/** Gives the machine that was let through before, if one was. */
async function takeFence(objects: Objects, path: string, number: number): Promise<StartedRecord | undefined> {
  const name = runObjects.started(path, number)
  const fence = await createRecord(objects, name, {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
  } as const)
  if (fence.mine) return undefined
  const started = parseRecord(startedRecord, name, fence.bytes)
  return started.by === 'machine' ? started : undefined
}

/** The verdict of whoever cancels a run. */
export function cancelled(by: string, exitCode: number = exitCodes.interrupted): Verdict {
  return { state: 'cancelled', exitCode, message: `Cancelled by ${by}.` }
}

/** The exit code that an aborted signal's reason asks for. */
export function readAbortCode(signal: AbortSignal): number {
  return signal.reason instanceof CancelledError ? signal.reason.exitCode : exitCodes.interrupted
}
