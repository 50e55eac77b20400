import type { Compute, Fleet, Images, Objects } from '../core/world.ts'
import { Actor } from './actor.ts'
import { openCompute } from './compute.ts'
import { Disks } from './disks.ts'
import { Engine } from './engine.ts'
import { openFleet } from './fleet.ts'
import { Gallery } from './gallery.ts'
import { boot, type Job } from './guest.ts'
import type { History } from './history.ts'
import { openImages } from './images.ts'
import type { Guest, Machine } from './instances.ts'
import { Network } from './network.ts'
import { openObjects } from './objects.ts'
import { openPacker } from './packer.ts'
import type { Random } from './random.ts'
import { type Scenario, zones } from './scenario.ts'
import { Storage } from './storage.ts'
import type { Timeline } from './timeline.ts'

/** The ports of an actor; a mutant wraps them. */
export interface Ports {
  readonly objects: Objects
  readonly compute: Compute
  readonly images: Images
  readonly fleet: Fleet
}

/** Takes a defence away; the product has no switches for that. */
export type Mutant = (ports: Ports, who: 'caller' | 'machine', random: Random) => Ports

interface Sky {
  readonly timeline: Timeline
  readonly random: Random
  readonly history: History
  readonly mutant?: Mutant | undefined
  /** What a machine of a run does. */
  readonly jobOf: (run: string) => Job
}

const idle: Guest = { warn: () => undefined, kill: () => undefined }

const brokenJob: Job = { seconds: 2, exitCode: 1 }

/** The simulated cloud with all its services, as a scenario has it. */
export function openCloud(scenario: Scenario, { timeline, random, history, mutant, jobOf }: Sky) {
  const { memoryMs, refusalOf, isBroken, pageSize, isUnseen, provisionMs, orphans } = scenario
  const network = new Network(timeline, random, scenario.faults, history)
  const storage = new Storage(timeline, history)
  const disks = new Disks(timeline, history)
  const gallery = new Gallery(timeline, random, history, { disks, isBroken })
  const fateOf = () => scenario.fateOf(scenario.spot)
  const options = { memoryMs, fateOf, refusalOf, gallery, disks, boot: bootMachine }
  const engine = new Engine(timeline, random, history, options)
  return { network, engine, openPorts, openBuilder }

  function openPorts(actor: Actor, who: 'caller' | 'machine'): Ports {
    const ports = {
      objects: openObjects(actor, network, storage, pageSize),
      compute: openCompute(actor, network, engine, { timeline, random, gallery }),
      images: openImages(actor, network, gallery, engine),
      fleet: openFleet(actor, network, engine, { timeline, isUnseen, zones }),
    }
    return mutant === undefined ? ports : mutant(ports, who, random)
  }

  function openBuilder(caller: Actor) {
    const actor = orphans ? new Actor(timeline, `packer of ${caller.name}`) : caller
    return openPacker({ actor, caller, network, engine, gallery, provisionMs })
  }

  function bootMachine(machine: Machine): Guest {
    const { metadata, image, life } = machine
    const { 'mayfly-run': run } = metadata
    // A builder has nothing to do but to answer to Packer.
    if (run === undefined) return idle
    const actor = new Actor(timeline, `machine ${life.id}`)
    const job = gallery.isSound(image) ? jobOf(run) : brokenJob
    return boot({ actor, ...openPorts(actor, 'machine'), machine, history, job })
  }
}
