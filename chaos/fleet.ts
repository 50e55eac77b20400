import type { Fleet } from '../core/world.ts'
import type { Actor } from './actor.ts'
import { describeInstance } from './compute.ts'
import type { Disk } from './disks.ts'
import type { Engine } from './engine.ts'
import type { Network } from './network.ts'
import type { Timeline } from './timeline.ts'

interface Region {
  readonly timeline: Timeline
  /** Whether a list leaves a zone out. */
  readonly isUnseen: (zone: string, now: number) => boolean
  readonly zones: readonly string[]
}

/** All zones of the project as an actor sees them, over its network. */
export function openFleet(actor: Actor, network: Network, engine: Engine, region: Region): Fleet {
  const { timeline, isUnseen, zones } = region
  const list = <Item extends { readonly zone: string }>(about: string, look: () => readonly Item[]) =>
    network.send(actor, {
      service: 'reads',
      method: 'list zones',
      about,
      act: () => {
        const unseenZones = zones.filter((zone) => isUnseen(zone, timeline.now))
        const items = look().filter(({ zone }) => !unseenZones.includes(zone))
        return { items, unseenZones, time: timeline.now }
      },
    })
  const listDisks = (about: string, has: (disk: Disk) => boolean) =>
    list(about, () => [...engine.disks.all].filter(has).map(describeDisk))
  return {
    instances: (label, value) =>
      list(`instances ${value}`, () =>
        engine.all.filter(({ life }) => life.labels[label] === value).map(describeInstance),
      ),
    disks: (label, value) => listDisks(`disks ${value}`, ({ life }) => life.labels[label] === value),
    disksNamed: (prefix) => listDisks(`disks ${prefix}`, ({ life }) => life.name.startsWith(prefix)),
    disk: (zone, name) =>
      network.send(actor, {
        service: 'reads',
        method: 'get disk',
        about: `${name} in ${zone}`,
        act: () => {
          const disk = engine.disks.find(zone, name)
          return disk && describeDisk(disk)
        },
      }),
  }
}

function describeDisk({ life, user, touched }: Disk) {
  const { id, name, zone, labels } = life
  return { id, name, zone, labels, status: 'READY', attached: user !== undefined, touched }
}
