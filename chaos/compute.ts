import { CloudError } from '../core/errors.ts'
import type { Compute, InstanceSpec } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Gallery } from './gallery.ts'
import type { Machine } from './instances.ts'
import { ignoreAbsence, type Network } from './network.ts'
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
  cloud: { readonly timeline: Timeline; readonly random: Random; readonly gallery: Gallery },
): Compute {
  const { timeline, random, gallery } = cloud
  const read = <T>(method: string, about: string, act: () => T) =>
    network.send(actor, { service: 'reads', method, about, act })
  const find = (zone: string, name: string) =>
    read('get', `${name} in ${zone}`, () => {
      const machine = engine.find(zone, name)
      return machine && describeInstance(machine)
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
    image: (reference) => read('get image', reference, () => gallery.resolve(reference)),
    machineTypes: async () => [],
    insert,
    instance: find,
    async remove(zone, name) {
      const act = () => engine.remove(actor.name, zone, name)
      const request = { service: 'changes', method: 'delete', about: `${name} in ${zone}`, act } as const
      await network.send(actor, request).catch(ignoreAbsence)
    },
    diskExists: (zone, name) => read('get disk', `${name} in ${zone}`, () => engine.hasDisk(zone, name)),
    async removeDisk(zone, name) {
      const act = () => engine.disks.remove(zone, name)
      const request = { service: 'changes', method: 'delete disk', about: `${name} in ${zone}`, act } as const
      await network.send(actor, request).catch(ignoreAbsence)
    },
    failedInsert: (zone, name) =>
      read('list operations', `${name} in ${zone}`, () => engine.failedInsert(zone, name)),
    serialTail: (zone, name) =>
      read('console', `${name} in ${zone}`, () => {
        const machine = engine.find(zone, name)
        if (machine === undefined) throw new CloudError('not-found', 'getSerialPortOutput', name)
        return machine.console
      }),
  }
}

/** An instance as Compute Engine tells of it. */
export function describeInstance({ life, status }: Machine) {
  return { name: life.name, id: life.id, zone: life.zone, labels: life.labels, status }
}
