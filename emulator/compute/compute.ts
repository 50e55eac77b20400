import { join } from 'node:path'
import { hasContent } from '../drivers/by-content.ts'
import { chooseDriver } from '../drivers/choice.ts'
import type { Driver } from '../drivers/driver.ts'
import { identify } from '../drivers/processes.ts'
import type { Service } from '../http.ts'
import { openAddresses } from './addresses.ts'
import { type Clock, realClock } from './clock.ts'
import { openContents } from './contents.ts'
import { controlRoutes } from './control.ts'
import { type Disk, openDisks } from './disks.ts'
import { notFound } from './errors.ts'
import { type Fleet, openFleet } from './fleet.ts'
import type { Image } from './image.ts'
import { openImages } from './images.ts'
import type { Instance, InstanceView } from './instance.ts'
import { openInstanceRecords } from './instance-records.ts'
import { openInstances } from './instances.ts'
import { openLife } from './life.ts'
import { openMachines } from './machines.ts'
import { type Operation, openOperations } from './operations.ts'
import { openPauses } from './pauses.ts'
import { openPower } from './power.ts'
import { openRecords } from './records.ts'
import { openRequests } from './requests.ts'
import { computeRoutes } from './routes.ts'
import type { State } from './state.ts'
import { openTroubles, type Troubles } from './troubles.ts'
import { zones } from './zones.ts'

export interface ComputeOptions {
  /** Default: the one that the environment variable MAYFLY_MACHINE_DRIVER names, else the process driver. */
  readonly driver?: Driver
  /** Default: the real clock. */
  readonly clock?: Clock
  /** How long an operation takes, and each step in the life of an instance. Default 20. */
  readonly delayMs?: number
  /** How long a machine has to shut down; Google gives 120 seconds, and 30 to Spot machines. Default 2000. */
  readonly shutdownMs?: number
  /** Attach a free disk that has the name of a new boot disk, instead of answering 409. */
  readonly adoptDisks?: boolean
  /**
   * Folder that scripts/make-base-image made: what the Debian image holds, and with it every image and disk that comes
   * from there. Default: the environment variable MAYFLY_BASE_IMAGE, else the image holds nothing.
   */
  readonly baseImage?: string
  /**
   * Take images from disks whose URL lacks `projects/`, as Debian's Packer sends it and Google refuses it. Default:
   * whether the environment variable MAYFLY_ACCEPT_MALFORMED_SOURCE_DISK is 1.
   */
  readonly acceptMalformedSourceDisk?: boolean
}

/** Where an emulator answers. */
export interface Endpoints {
  /** Its products. */
  readonly cloud: string
  /** Opens its forward proxy, if it is not open yet, and gives its address. */
  openProxy(): Promise<string>
}

/** Compute Engine, and what a test may do to it. `instance` is a name or a numeric id. */
export interface Compute extends Service, Troubles {
  /** Every instance of every project, whatever its status. */
  instances(): readonly InstanceView[]
  disks(): readonly Disk[]
  /** Whether machines of the Debian image boot what is really in it. */
  readonly hasContents: boolean
  /** For the products that make machines of their own. */
  readonly fleet: Fleet
  /** Google takes a Spot machine back. */
  preempt(instance: string): void
  /** The machine's host breaks. */
  hostError(instance: string): void
  /** The machine boots again, as after a kernel's panic. */
  reboot(instance: string): void
}

/** Opens the Compute Engine whose state is in `stateDir`; ends what a dead emulator left running there. */
export async function openCompute(
  stateDir: string,
  { cloud, openProxy }: Endpoints,
  options: ComputeOptions = {},
): Promise<Compute> {
  const { clock = realClock, delayMs = 20, shutdownMs = 2000 } = options
  const baseImage = options.baseImage ?? (process.env.MAYFLY_BASE_IMAGE || undefined)
  const acceptMalformedSourceDisk =
    options.acceptMalformedSourceDisk ?? process.env.MAYFLY_ACCEPT_MALFORMED_SOURCE_DISK === '1'
  const driver = chooseDriver(options.driver)
  const owner = identify(process.pid)
  if (!owner) throw new Error(`Process ${process.pid}, the emulator's own, is not in the process table.`)
  const records = openRecords(join(stateDir, 'compute'))
  const pauses = openPauses(clock)
  const pause = () => pauses.pause(delayMs)
  const troubles = openTroubles()

  const operations = openOperations({ records, clock, pauses, owner, work })
  const state: State = { records, operations, clock, owner }
  const requests = openRequests(records)
  const images = openImages(state, acceptMalformedSourceDisk)
  const disks = openDisks(state, images)
  const instances = openInstances(state, disks, options.adoptDisks ?? false)
  const contents = openContents({ stateDir, records, driver, baseImage })
  const machines = openMachines({
    stateDir,
    cloud,
    openProxy,
    contents,
    records,
    clock,
    driver,
    gate: troubles,
  })
  const power = openPower({
    driver,
    clock,
    machines,
    onDeadline: (instance) => life.expire(instance),
    onExit: (instance) => void begin('guestTerminate', instance),
  })
  const addresses = openAddresses()
  const instanceRecords = openInstanceRecords(state, { machines, addresses, contents })
  const life = openLife({ state, gate: troubles, power, pause, shutdownMs, instanceRecords, connect })

  async function work(operation: Operation) {
    const { operationType, targetLink, targetId } = operation
    if (targetLink.includes('/instances/')) return life.perform(operation)
    await pause()
    if (operationType !== 'insert') troubles.obstruct(operationType)
    const target = records.read<Disk | Image>(targetLink)
    if (target?.id !== targetId) return
    if (operationType === 'delete') {
      await contents.erase(target)
      records.remove(targetLink)
    }
    if (operationType === 'insert') {
      if (target.kind === 'compute#image') await makeImage(target)
      records.write(targetLink, { ...target, status: 'READY' })
    }
  }

  async function makeImage(image: Image) {
    try {
      await contents.fill(image)
    } catch (error) {
      records.remove(image.selfLink)
      throw error
    }
  }

  async function connect(instance: Instance) {
    const isReached = driver.copy && hasContent(contents.ofInstance(instance))
    return isReached ? addresses.assign(instance) : instance.networkInterfaces
  }

  function begin(event: string, instance: Instance): Operation {
    return operations.begin(`compute.instances.${event}`, instance, { user: 'system' })
  }

  function find(nameOrId: string): Instance {
    const instance = instances.all().find(({ name, id }) => name === nameOrId || id === nameOrId)
    if (!instance) throw notFound(nameOrId)
    return instance
  }

  await life.recover(instances.all())
  operations.resume()
  requests.forget()

  const compute: Omit<Compute, 'routes'> = {
    ...troubles,
    hasContents: driver.copy !== undefined && baseImage !== undefined,
    fleet: openFleet(state, instances),
    instances: () => instances.all().map(({ local, ...instance }) => instance),
    disks: () =>
      records.folders('projects').flatMap((project) => zones.flatMap((zone) => disks.list(project, zone))),
    preempt: (instance) => void begin('preempted', find(instance)),
    hostError: (instance) => void begin('hostError', find(instance)),
    reboot: (instance) => void operations.begin('reset', find(instance), { user: 'system' }),
    async [Symbol.asyncDispose]() {
      pauses.end()
      await life[Symbol.asyncDispose]()
    },
  }
  const api = { state, requests, gate: troubles, images, disks, instances, machines }
  return { ...compute, routes: [...computeRoutes(api), ...controlRoutes(compute)] }
}
