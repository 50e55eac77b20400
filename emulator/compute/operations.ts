import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessId } from '../drivers/processes.ts'
import type { Clock } from './clock.ts'
import { type OperationError, OperationFailure } from './errors.ts'
import { makeId } from './ids.ts'
import { type Link, zoneLink } from './links.ts'
import { Interrupted, type Pauses } from './pauses.ts'
import type { Records } from './records.ts'
import { zones } from './zones.ts'

/** Something that takes time; kept on disk from its beginning, so that the next emulator can finish it. */
export interface Operation {
  readonly kind: 'compute#operation'
  readonly id: string
  readonly name: string
  readonly zone?: Link
  /** The request's id, when it had one. */
  readonly clientOperationId?: string
  readonly operationType: string
  readonly targetLink: Link
  readonly targetId: string
  readonly status: 'RUNNING' | 'DONE'
  readonly progress: 0 | 100
  readonly user: string
  readonly insertTime: string
  readonly startTime: string
  readonly endTime?: string
  readonly error?: { readonly errors: readonly OperationError[] }
  readonly httpErrorStatusCode?: number
  readonly httpErrorMessage?: string
  readonly selfLink: Link
  /** The emulator that does it; missing after one that ended before it was done. */
  readonly local: { readonly owner?: ProcessId }
}

/** Google's is not written down; "a limited retention period" is all that its reference says. */
const retentionMs = 24 * 60 * 60 * 1000

/** What an operation is done to. */
interface Target {
  readonly id: string
  readonly selfLink: Link
}

export interface BeginOptions {
  /** Default: the caller of the API. */
  readonly user?: 'system'
  readonly requestId?: string
}

export interface Operations {
  /** Writes the operation down and begins its work. */
  begin(type: string, target: Target, options?: BeginOptions): Operation
  /** The operation when it is done, or as it is after `ms`, like Google's wait. */
  wait(operation: Operation, ms: number): Promise<Operation>
  /** Begins the work anew of operations whose emulator is gone, and forgets those of long ago. */
  resume(): void
}

/** Does the work of an operation. Rejects with OperationFailure for what the client shall see in it. */
type Work = (operation: Operation) => Promise<void>

export interface OperationsOptions {
  readonly records: Records
  readonly clock: Clock
  readonly pauses: Pauses
  readonly owner: ProcessId
  readonly work: Work
}

export function openOperations({ records, clock, pauses, owner, work }: OperationsOptions): Operations {
  async function perform(operation: Operation) {
    const error = await work(operation).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error instanceof Interrupted) return records.write(operation.selfLink, { ...operation, local: {} })
    const endTime = new Date(clock.now()).toISOString()
    records.write(operation.selfLink, {
      ...operation,
      status: 'DONE',
      progress: 100,
      endTime,
      ...describe(error),
    })
  }

  return {
    begin(type, target, { user, requestId } = {}) {
      const scope = target.selfLink.split('/').slice(0, -2).join('/')
      const now = clock.now()
      const name = `operation-${now}-${randomBytes(7).toString('hex').slice(1)}-${randomBytes(4).toString('hex')}`
      const time = new Date(now).toISOString()
      const operation: Operation = {
        kind: 'compute#operation',
        id: makeId(),
        name,
        ...(!scope.endsWith('/global') && { zone: scope }),
        ...(requestId && { clientOperationId: requestId }),
        operationType: type,
        targetLink: target.selfLink,
        targetId: target.id,
        status: 'RUNNING',
        progress: 0,
        user: user ?? 'you@emulator.local',
        insertTime: time,
        startTime: time,
        selfLink: `${scope}/operations/${name}`,
        local: { owner },
      }
      records.write(operation.selfLink, operation)
      void perform(operation)
      return operation
    },
    async wait(operation, ms) {
      const end = clock.now() + ms
      let current = operation
      // By looking, since another emulator on the same directory may be the one that ends it.
      while (current.status !== 'DONE' && clock.now() < end && !pauses.ended()) {
        await sleep(10)
        current = records.read<Operation>(operation.selfLink) ?? current
      }
      return current
    },
    resume() {
      const all = listScopes(records).flatMap((scope) => records.list<Operation>(`${scope}/operations`))
      for (const operation of all) {
        const { status, endTime = '', local, selfLink } = operation
        if (status === 'DONE') {
          if (Date.parse(endTime) < clock.now() - retentionMs) records.remove(selfLink)
        } else if (!local.owner || !isAlive(local.owner)) {
          const mine = { ...operation, local: { owner } }
          records.write(selfLink, mine)
          void perform(mine)
        }
      }
    },
  }
}

function listScopes(records: Records): readonly Link[] {
  return records
    .folders('projects')
    .flatMap((project) => [`projects/${project}/global`, ...zones.map((zone) => zoneLink(project, zone))])
}

function describe(error: unknown): Partial<Operation> {
  if (error === undefined) return {}
  const failure = error instanceof OperationFailure ? error : reportBug(error)
  return {
    error: { errors: failure.errors },
    httpErrorStatusCode: failure.status,
    httpErrorMessage: failure.statusText,
  }
}

function reportBug(error: unknown): OperationFailure {
  console.error('emulator: an operation failed:', error)
  const message = error instanceof Error ? error.message : String(error)
  return new OperationFailure(500, 'INTERNAL SERVER ERROR', [{ code: 'INTERNAL_ERROR', message }])
}
