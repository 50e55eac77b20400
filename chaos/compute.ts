import { CloudError } from '../core/errors.ts'
import type { Compute, InstanceSpec } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Machine } from './instances.ts'
import type { Network } from './network.ts'
import { between, type Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** A wait for an operation answers when it is done, or after this long. */
const waitMs = 25_000

/** As in adapters/google/operations.ts: an operation that is not done by then counts as lost. */
const patienceMs = 600_000

/** Compute Engine as an actor sees it, over its network. */
export function openCompute(
  actor: Actor,
  network: Network,
  engine: Engine,
  { timeline, random }: { readonly timeline: Timeline; readonly random: Random },
): Compute {
  const find = (zone: string, name: string) =>
    network.send(actor, {
      service: 'reads',
      method: 'get',
      about: `${name} in ${zone}`,
      act: () => describe(engine.find(zone, name)),
    })

  /** As adapters/google/compute.ts does it: insert, then wait for the operation through faults, then look. */
  async function insert(spec: InstanceSpec): Promise<void> {
    const about = `${spec.name} in ${spec.zone}`
    const operation = await network.send(actor, {
      service: 'changes',
      method: 'create',
      about,
      act: () => engine.insert(spec),
    })
    const start = timeline.now
    for (;;) {
      await actor.clock.sleep(between(random, 0, 5000))
      const inTime = timeline.now - start < patienceMs
      const isDone = await network
        .send(actor, {
          service: 'reads',
          method: 'wait',
          about,
          hold: () => Math.min(Math.max(0, operation.doneAt - timeline.now), waitMs),
          act: () => timeline.now >= operation.doneAt,
        })
        .catch(() => false)
      if (isDone && operation.error) throw operation.error
      if (isDone) return
      if (!inTime) break
    }
    if ((await find(spec.zone, spec.name)) === undefined)
      throw new CloudError('unknown', 'compute.instances.insert', `${about}: its operation is lost.`)
  }

  return {
    image: () => Promise.reject(new Error('Nothing is planned here.')),
    machineTypes: async () => [],
    insert,
    instance: find,
    async remove(zone, name) {
      const act = () => engine.remove(zone, name)
      try {
        await network.send(actor, { service: 'changes', method: 'delete', about: `${name} in ${zone}`, act })
      } catch (error) {
        if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
      }
    },
    diskExists: (zone, name) =>
      network.send(actor, {
        service: 'reads',
        method: 'get disk',
        about: `${name} in ${zone}`,
        act: () => engine.hasDisk(zone, name),
      }),
    removeDisk: () => Promise.reject(new Error('Every disk here goes with its instance.')),
    failedInsert: async () => undefined,
    serialTail: (zone, name) =>
      network.send(actor, {
        service: 'reads',
        method: 'console',
        about: `${name} in ${zone}`,
        act: () => {
          const machine = engine.find(zone, name)
          if (machine === undefined) throw new CloudError('not-found', 'getSerialPortOutput', name)
          return machine.console
        },
      }),
  }
}

function describe(machine: Machine | undefined) {
  if (machine === undefined) return undefined
  const { life, status } = machine
  return { name: life.name, id: life.id, zone: life.zone, labels: life.labels, status }
}
