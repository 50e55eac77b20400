import { randomUUID } from 'node:crypto'
import { runObjects } from '../depot.ts'
import { CancelledError, exitCodes } from '../errors.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import { parseRecord, type ResultRecord, startedRecord } from './records.ts'
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
  const began = !(await takeFence(objects, path, number))
  return concludeAttempt(objects, path, number, {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
    ...verdict,
    began,
    steps: [],
    phases: [],
    outputs: [],
  })
}

async function takeFence(objects: Objects, path: string, number: number): Promise<boolean> {
  const name = runObjects.started(path, number)
  const fence = await createRecord(objects, name, {
    schema: 1,
    nonce: randomUUID(),
    by: 'controller',
  } as const)
  return fence.mine || parseRecord(startedRecord, name, fence.bytes).by === 'controller'
}

/** The verdict of whoever cancels a run. */
export function cancelled(by: string, exitCode: number = exitCodes.interrupted): Verdict {
  return { state: 'cancelled', exitCode, message: `Cancelled by ${by}.` }
}

/** The exit code that an aborted signal's reason asks for. */
export function readAbortCode(signal: AbortSignal): number {
  return signal.reason instanceof CancelledError ? signal.reason.exitCode : exitCodes.interrupted
}
