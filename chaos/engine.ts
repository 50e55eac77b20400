import { CloudError } from '../core/errors.ts'
import type { InstanceSpec } from '../core/world.ts'
import type { Disk, Disks } from './disks.ts'
import type { Gallery } from './gallery.ts'
import type { History, Life } from './history.ts'
import type { Fate, Guest, Machine, Refusal } from './instances.ts'
import { between, type Random } from './random.ts'
import type { Event, Timeline } from './timeline.ts'

interface Operation {
  readonly begun: number
  readonly doneAt: number
  readonly error?: CloudError
}

interface Place extends Machine {
  readonly fate: Fate
  readonly maxRunMs: number
  readonly disk?: Disk
  guest?: Guest | undefined
  alarm?: Event
  script?: Event
}

export interface EngineOptions {
  /** How long a repeated requestId is recognised: nobody knows it for Compute Engine. */
  readonly memoryMs: number
  readonly fateOf: () => Fate
  readonly refusalOf: (zone: string) => Refusal | undefined
  readonly gallery: Gallery
  readonly disks: Disks
  /** Runs the startup script. */
  readonly boot: (machine: Machine) => Guest
}

/** An insert that failed. */
interface Failure {
  readonly id: string
  readonly zone: string
  readonly name: string
  readonly error: CloudError
}

/** Compute Engine: instances with their lives, operations, and disks that bear their instances' names. */
export class Engine {
  readonly disks: Disks
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #history: History
  readonly #options: EngineOptions
  readonly #places: Place[] = []
  readonly #operations = new Map<string, Operation>()
  readonly #failures: Failure[] = []
  #ids = 1000

  constructor(timeline: Timeline, random: Random, history: History, options: EngineOptions) {
    this.#timeline = timeline
    this.#random = random
    this.#history = history
    this.#options = options
    this.disks = options.disks
  }

  get all(): readonly Machine[] {
    return this.#places
  }

  /** By name or id. */
  find(zone: string, name: string): Machine | undefined {
    return this.#place(zone, name)
  }

  hasDisk(zone: string, name: string): boolean {
    return this.disks.find(zone, name) !== undefined
  }

  /** The newest creation of an instance of this name that failed. */
  failedInsert(zone: string, name: string): Failure | undefined {
    return this.#failures.findLast((failure) => failure.zone === zone && failure.name === name)
  }

  /** `keepDisk`: the boot disk does not go with the instance. */
  insert(spec: InstanceSpec, { keepDisk = false } = {}): Operation {
    const { zone, name, requestId } = spec
    const { now } = this.#timeline
    const known = this.#operations.get(requestId)
    if (known !== undefined && now - known.begun < this.#options.memoryMs) return known
    if (this.#place(zone, name) !== undefined || this.hasDisk(zone, name))
      throw new CloudError('exists', 'compute.instances.insert', `${name} exists in ${zone}`)
    const refusal = this.#options.refusalOf(zone)
    const operation =
      refusal === undefined
        ? { begun: now, doneAt: now + this.#create(spec, keepDisk) }
        : { begun: now, doneAt: now + refusal.afterMs, error: describe(refusal, zone) }
    this.#operations.set(requestId, operation)
    const { error } = operation as Operation
    if (error) this.#failures.push({ id: String(this.#failures.length), zone, name, error })
    return operation
  }

  remove(by: string, zone: string, name: string): void {
    const place = this.#place(zone, name)
    if (place === undefined) throw new CloudError('not-found', 'compute.instances.delete', name)
    if (place.status === 'STOPPING') throw new CloudError('busy', 'compute.instances.delete', name)
    place.life.removed = { by, at: this.#timeline.now }
    this.#shutDown(place)
  }

  #place(zone: string, name: string): Place | undefined {
    return this.#places.find(({ life }) => life.zone === zone && (life.name === name || life.id === name))
  }

  /** An instance of somebody else's, which stays as it is. */
  place(zone: string, name: string): void {
    const { now } = this.#timeline
    const life: Life = { id: String(this.#ids++), name, zone, spot: false, labels: {}, created: now }
    life.running = now
    this.#history.lives.push(life)
    this.#places.push({
      life,
      disk: this.disks.create({ name, zone, labels: {} }, false),
      metadata: {},
      image: '',
      status: 'RUNNING',
      console: '',
      fate: { bootMs: 0 },
      maxRunMs: Number.POSITIVE_INFINITY,
    })
  }

  /** Gives the milliseconds until the operation is done. */
  #create(spec: InstanceSpec, keepDisk: boolean): number {
    const { name, zone, spot, labels, metadata, image, maxRunSeconds } = spec
    const { id } = this.#options.gallery.resolve(image)
    const fate = this.#options.fateOf()
    const life: Life = { id: String(this.#ids++), name, zone, spot, labels, created: this.#timeline.now }
    // Packer gives a boot disk no labels.
    const disk = this.disks.create({ name, zone, labels: keepDisk ? {} : labels, image: id }, !keepDisk)
    const place: Place = {
      life,
      disk,
      metadata,
      image,
      status: 'PROVISIONING',
      console: '',
      fate,
      maxRunMs: maxRunSeconds * 1000,
    }
    this.#history.lives.push(life)
    this.#places.push(place)
    this.#later(place, fate.bootMs, 'PROVISIONING', () => this.#begin(place))
    return fate.bootMs
  }

  #begin(place: Place): void {
    const { life, fate, maxRunMs } = place
    place.status = 'RUNNING'
    life.running = this.#timeline.now
    // Google's own deadline: counted from RUNNING, and up to 30 s late.
    if (Number.isFinite(maxRunMs))
      place.alarm = this.#later(place, maxRunMs + between(this.#random, 0, 30_000), 'RUNNING', () =>
        this.#shutDown(place),
      )
    this.#startScript(place)
    const { trouble } = fate
    if (trouble !== undefined)
      this.#later(place, trouble.afterMs, 'RUNNING', () => this.#befall(place, trouble.is))
  }

  #startScript(place: Place): void {
    const { scriptMs } = place.fate
    if (scriptMs === undefined) return
    place.script = this.#later(place, scriptMs, 'RUNNING', () => {
      place.guest = this.#options.boot(place)
    })
  }

  #befall(place: Place, trouble: 'preempted' | 'host-error' | 'reboot'): void {
    if (trouble === 'preempted') {
      place.guest?.warn()
      this.#later(place, 30_000, 'RUNNING', () => this.#shutDown(place))
    } else if (trouble === 'reboot') {
      place.guest?.kill()
      if (place.script) place.script.act = undefined
      this.#startScript(place)
    } else {
      // It stays, with its disk, until somebody deletes it: maxRunDuration ends with RUNNING.
      if (place.alarm) place.alarm.act = undefined
      this.#end(place)
      place.status = 'TERMINATED'
    }
  }

  #shutDown(place: Place): void {
    const { life } = place
    const stopped = place.status === 'TERMINATED'
    place.status = 'STOPPING'
    place.guest?.warn()
    const ms = between(this.#random, 500, stopped ? 3000 : life.spot ? 30_000 : 120_000)
    this.#timeline.after(ms, () => {
      this.#end(place)
      life.gone = this.#timeline.now
      this.#places.splice(this.#places.indexOf(place), 1)
      const { disk } = place
      if (disk === undefined) return
      if (disk.autoDelete) this.#timeline.after(between(this.#random, 0, 3000), () => this.disks.drop(disk))
      else this.disks.detach(disk)
    })
  }

  #end(place: Place): void {
    place.guest?.kill()
    place.guest = undefined
    place.life.ended ??= this.#timeline.now
  }

  /** What happens to an instance only while it is in this state. */
  #later(place: Place, ms: number, status: string, act: () => void): Event {
    return this.#timeline.after(ms, () => {
      if (place.status === status && this.#places.includes(place)) act()
    })
  }
}

function describe({ failure, zonesAvailable }: Refusal, zone: string): CloudError {
  return new CloudError(failure, 'compute.instances.insert', `${failure} in ${zone}`, { zonesAvailable })
}
