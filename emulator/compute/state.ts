import type { ProcessId } from '../drivers/processes.ts'
import type { Clock } from './clock.ts'
import type { Operations } from './operations.ts'
import type { Records } from './records.ts'

/** What every kind of resource is kept with. */
export interface State {
  readonly records: Records
  readonly operations: Operations
  readonly clock: Clock
  /** The process of this emulator. */
  readonly owner: ProcessId
}

/** RFC 3339, as every time on the wire. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
