import type { Addresses } from './addresses.ts'
import type { Contents } from './contents.ts'
import type { Disk } from './disks.ts'
import { OperationFailure } from './errors.ts'
import type { Instance, LocalState } from './instance.ts'
import type { Machines } from './machines.ts'
import { type State, timestamp } from './state.ts'

/** Undefined takes a member away. */
type LocalChange = { readonly [Key in keyof LocalState]?: LocalState[Key] | undefined }

/** What is written down of an instance while it lives. */
export interface InstanceRecords {
  /** Throws OperationFailure 404 when another emulator on the same directory has deleted it meanwhile. */
  set(instance: Instance, members: Partial<Instance>, local?: LocalChange): Instance
  terminate(instance: Instance): Instance
  /** Removes all that was the instance's; the record goes last: who sees that it is gone may rely on the rest. */
  discard(instance: Instance): Promise<void>
}

interface Belongings {
  readonly machines: Machines
  readonly addresses: Addresses
  readonly contents: Contents
}

export function openInstanceRecords(
  { records, clock }: State,
  { machines, addresses, contents }: Belongings,
): InstanceRecords {
  function set(instance: Instance, members: Partial<Instance>, local: LocalChange = {}): Instance {
    const current = records.refresh(instance)
    if (!current) throw gone(instance)
    // Written as JSON, which leaves out what is undefined.
    const next = { ...current, ...members, local: { ...current.local, ...local } as LocalState }
    records.write(next.selfLink, next)
    return next
  }

  return {
    set,
    terminate(instance) {
      addresses.release(instance)
      const lastStopTimestamp = timestamp(clock)
      const members = { status: 'TERMINATED', lastStopTimestamp, resourceStatus: { scheduling: {} } } as const
      return set(instance, members, { owner: undefined, deadline: undefined })
    },
    async discard(instance) {
      await machines.discard(instance)
      addresses.release(instance)
      if (!records.refresh(instance)) return
      for (const { source, autoDelete } of instance.disks) {
        const disk = records.read<Disk>(source)
        if (disk && autoDelete) {
          await contents.erase(disk)
          records.remove(source)
        } else if (disk) {
          const lastDetachTimestamp = timestamp(clock)
          records.write(source, { ...disk, users: undefined, lastDetachTimestamp })
        }
      }
      records.remove(instance.selfLink)
    },
  }
}

function gone({ selfLink }: Instance): OperationFailure {
  const message = `The resource '${selfLink}' was not found`
  return new OperationFailure(404, 'NOT FOUND', [{ code: 'RESOURCE_NOT_FOUND', message }])
}
