import { formatDuration } from '../../units.ts'
import type { RecordState } from '../../world.ts'
import type { Outcome } from './outcome.ts'
import { sumPhases } from './timeline.ts'

/** How a run stands, for the commit that it was asked for. */
export function describeStanding(outcome: Outcome | undefined): RecordState {
  if (outcome === undefined) return { state: 'error', text: 'stopped before it had begun' }
  const { state, message, phases, leftover } = outcome
  if (leftover !== undefined)
    return { state: 'error', text: `${state}, and its machine ${leftover.name} is not provably gone` }
  if (state === 'running') return { state: 'pending', text: message }
  if (state !== 'succeeded') return { state: isOwnFault(state) ? 'failure' : 'error', text: message }
  return { state: 'success', text: `succeeded in ${formatDuration(sumPhases(phases))}` }
}

/** The work was done, and was not good. Otherwise nothing is known of the commit. */
function isOwnFault(state: Outcome['state']): boolean {
  return state === 'failed' || state === 'timed-out'
}
