import { CloudError, ConflictError } from '../errors.ts'
import type { Clock, Compute, Instance, InstanceSpec } from '../world.ts'

/** How often an insert whose fate nobody can tell is asked for again, under its first request id. */
const unclearTries = 3
const unclearPauseMs = 5000

/**
 * Inserts, and when the answer is unclear looks before it draws a conclusion: unknown is not failed. Gives the refusal
 * when the zone is sold out and has been seen not to have the machine; throws every other one.
 */
export async function insertOnce(
  {
    compute,
    clock,
    signal,
  }: { readonly compute: Compute; readonly clock: Clock; readonly signal: AbortSignal },
  spec: InstanceSpec,
  isOurs: (instance: Instance) => boolean,
): Promise<CloudError | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      await compute.insert(spec)
      return undefined
    } catch (error) {
      if (!(error instanceof CloudError) || !doubtful.has(error.failure)) throw error
      const instance = await compute.instance(spec.zone, spec.name)
      if (instance !== undefined && isOurs(instance)) return undefined
      if (instance !== undefined) throw refuseName(spec, error)
      if (error.failure === 'stockout') return error
      if (tries === unclearTries || signal.aborted) throw error
      await clock.sleep(unclearPauseMs, signal)
    }
  }
}

/** After these, the machine may be there all the same: made by this call, or by another who follows the same plan. */
const doubtful: ReadonlySet<CloudError['failure']> = new Set(['exists', 'unknown', 'stockout'])

function refuseName({ name, zone }: InstanceSpec, cause: CloudError): ConflictError {
  return new ConflictError(
    `An instance named ${name} exists in ${zone} and does not carry this run's labels. Nothing has been changed; look at it, and delete it if nobody needs it.`,
    { cause },
  )
}
