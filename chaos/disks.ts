import { CloudError } from '../core/errors.ts'
import type { DiskLife, History } from './history.ts'
import type { Timeline } from './timeline.ts'

/** A disk that is there. */
export interface Disk {
  readonly life: DiskLife
  /** The instance that has it, on or off. */
  user?: string | undefined
  /** Goes with its instance. */
  readonly autoDelete: boolean
  /** When it was made or detached last. */
  touched: number
  /** An image is being made of it. */
  busy: boolean
}

/** The persistent disks of all zones. */
export class Disks {
  readonly #timeline: Timeline
  readonly #history: History
  readonly #disks = new Map<string, Disk>()
  #ids = 500_000

  constructor(timeline: Timeline, history: History) {
    this.#timeline = timeline
    this.#history = history
  }

  get all(): Iterable<Disk> {
    return this.#disks.values()
  }

  find(zone: string, name: string): Disk | undefined {
    return this.#disks.get(`${zone}/${name}`)
  }

  create(place: Pick<DiskLife, 'name' | 'zone' | 'labels' | 'image'>, autoDelete: boolean): Disk {
    const { now } = this.#timeline
    const life: DiskLife = { id: String(this.#ids++), created: now, ...place }
    const disk = { life, autoDelete, touched: now, busy: false, user: place.name }
    this.#history.disks.push(life)
    this.#disks.set(`${life.zone}/${life.name}`, disk)
    return disk
  }

  /** Its instance is gone. */
  detach(disk: Disk): void {
    disk.user = undefined
    disk.touched = this.#timeline.now
  }

  remove(zone: string, name: string): void {
    const disk = this.find(zone, name)
    if (disk === undefined) throw new CloudError('not-found', 'compute.disks.delete', name)
    if (disk.user !== undefined || disk.busy) throw new CloudError('busy', 'compute.disks.delete', name)
    this.drop(disk)
  }

  drop({ life }: Disk): void {
    life.gone = this.#timeline.now
    this.#disks.delete(`${life.zone}/${life.name}`)
  }
}
