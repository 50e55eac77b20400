import { setTimeout as sleep } from 'node:timers/promises'
import type { google } from '@google-cloud/compute/build/protos/protos.js'
import { isPassing } from './failure-classes.ts'
import { CallFailure, describeRefusal, type ErrorDetail, readZones } from './failures.ts'

export type Operation = google.cloud.compute.v1.IOperation

/** Asks for the operation again; Google answers when it is done, or after a while. */
export type Wait = (name: string) => Promise<Operation>

/** Milliseconds. */
export interface Patience {
  /** Until an operation counts as lost. */
  readonly totalMs: number
  /** The longest pause between two waits; the first are shorter. */
  readonly pauseMs: number
}

export const defaultPatience: Patience = { totalMs: 600_000, pauseMs: 5_000 }

/** Nobody knows how the operation ended: look at what it was to make. */
export class LostOperation extends CallFailure {}

/**
 * Waits until an operation is done, through faults of the network. What it failed with is thrown: to the client, a failed
 * operation is an ordinary answer. Throws LostOperation when Google no longer tells of it, or not in time.
 */
export async function finish(operation: Operation, wait: Wait, patience: Patience): Promise<void> {
  const start = performance.now()
  let current = operation
  for (let round = 1; current.status !== 'DONE'; round++) {
    // A wait mostly takes as long as the operation does; the pauses are for those that end at once.
    await sleep(Math.random() * Math.min(patience.pauseMs, (patience.pauseMs / 5) * round))
    const inTime = performance.now() - start < patience.totalMs
    try {
      current = await wait(operation.name ?? '')
    } catch (error) {
      const failure = findFailure(error)
      if (failure && inTime && isPassing(failure, 1)) continue
      throw new LostOperation(`operation ${operation.name} is lost: ${failure?.message ?? error}`, {
        cause: error,
      })
    }
    if (!inTime && current.status !== 'DONE') {
      throw new LostOperation(`operation ${operation.name} is not done after ${patience.totalMs / 1000} s`)
    }
  }
  const failure = readFailure(current)
  if (failure) throw failure
}

/** The client wraps what the transport threw. */
function findFailure(error: unknown): CallFailure | undefined {
  if (error instanceof CallFailure) return error
  return error instanceof Error ? findFailure(error.cause) : undefined
}

/** What a finished operation failed with. */
export function readFailure({ error, httpErrorStatusCode }: Operation): CallFailure | undefined {
  const errors = error?.errors ?? []
  const [first] = errors
  if (!first) return undefined
  return describeRefusal({
    status: httpErrorStatusCode ?? 0,
    reason: first.code ?? '',
    message: errors.map(({ message }) => message).join(' '),
    zonesAvailable: readZones(errors.flatMap(({ errorDetails }) => (errorDetails ?? []) as ErrorDetail[])),
  })
}
