import { OperationFailure } from './errors.ts'
import type { Instance } from './instance.ts'
import type { InstanceBody } from './instance-body.ts'
import type { Instances } from './instances.ts'
import { zoneLink } from './links.ts'
import type { Operation } from './operations.ts'
import type { State } from './state.ts'

/** Where an instance is, by name. */
export interface Address {
  readonly project: string
  readonly zone: string
  readonly name: string
}

/** Instances as Google's other products make them, which nobody sees as requests of the project's own. */
export interface Fleet {
  /** Resolves when the instance runs. Throws the GoogleError or the OperationFailure that a client would see. */
  create(address: Address, body: InstanceBody): Promise<void>
  find(address: Address): Instance | undefined
  /** Every instance of every project. */
  all(): readonly Instance[]
  /** Resolves when it is gone; one that is gone already is no error. */
  remove(address: Address): Promise<void>
  /** Calls `fn` after each change; the function it returns ends that. */
  watch(address: Address, fn: () => void): () => void
}

const longestMs = 24 * 60 * 60 * 1000

export function openFleet({ records, operations }: State, instances: Instances): Fleet {
  const linkOf = ({ project, zone, name }: Address) => `${zoneLink(project, zone)}/instances/${name}`
  const find = (address: Address) => records.read<Instance>(linkOf(address))

  async function finish(operation: Operation): Promise<void> {
    const { error, httpErrorStatusCode = 500 } = await operations.wait(operation, longestMs)
    if (error) throw new OperationFailure(httpErrorStatusCode, '', error.errors)
  }

  return {
    find,
    all: () => instances.all(),
    create: async ({ project, zone }, body) =>
      finish(instances.insert(project, zone, body, { user: 'system' })),
    async remove(address) {
      const instance = find(address)
      if (instance) await finish(operations.begin('delete', instance, { user: 'system' }))
    },
    watch: (address, fn) => records.watch(linkOf(address), fn),
  }
}
