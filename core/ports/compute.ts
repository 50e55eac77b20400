import type { CloudError } from '../errors.ts'

export interface Image {
  readonly name: string
  readonly id: string
  readonly selfLink: string
  readonly family?: string
}

export interface MachineType {
  readonly name: string
  readonly cpus: number
  readonly memoryMb: number
}

/** What a machine is created from; everything in it is known before the first call. */
export interface InstanceSpec {
  readonly name: string
  readonly zone: string
  readonly machineType: string
  /** selfLink of the image. */
  readonly image: string
  readonly diskGb?: number
  readonly spot: boolean
  /** Google deletes the machine this long after it began to run. */
  readonly maxRunSeconds: number
  readonly labels: Readonly<Record<string, string>>
  /** Metadata attributes. Never a secret: anyone who may view the instance reads them. */
  readonly metadata: Readonly<Record<string, string>>
  readonly serviceAccount?: string
  readonly subnetwork?: string
  readonly externalIp: boolean
  /** A UUID that is the same whenever the same insert is meant. */
  readonly requestId: string
}

export interface Instance {
  readonly name: string
  /** int64, as Google writes it; another instance of the same name has another id. */
  readonly id: string
  readonly zone: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
}

/** An operation that was to create an instance, as Google tells of it afterwards. */
interface FailedInsert {
  /** The operation's id: int64, as Google writes it. */
  readonly id: string
  readonly error: CloudError
}

/** Compute Engine. Every failure is a CloudError; operations are awaited and their errors thrown. */
export interface Compute {
  /** By image name or family, with an optional project (`project/family`). The newest of a family that is not deprecated. */
  image(reference: string): Promise<Image>
  machineTypes(zone: string): Promise<readonly MachineType[]>
  /** Resolves when Google says that the instance was created. */
  insert(spec: InstanceSpec): Promise<void>
  /** By name or id. */
  instance(zone: string, name: string): Promise<Instance | undefined>
  /** Asks for deletion and does not wait for it; an instance that is gone already is no error. */
  remove(zone: string, name: string, requestId: string): Promise<void>
  diskExists(zone: string, name: string): Promise<boolean>
  removeDisk(zone: string, name: string): Promise<void>
  /** The newest creation of an instance of this name that failed. */
  failedInsert(zone: string, name: string): Promise<FailedInsert | undefined>
  /** The end of the serial console, for a diagnosis before the machine goes. */
  serialTail(zone: string, name: string): Promise<string>
}

/** A persistent disk. */
export interface Disk {
  readonly name: string
  /** int64, as Google writes it. */
  readonly id: string
  readonly zone: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  /** An instance has it, on or off. */
  readonly attached: boolean
  /** When it was made, attached or detached last: milliseconds since the epoch, on Google's clock. */
  readonly touched: number
}

/** What every zone has of something. A zone that did not answer is unknown, not empty. */
export interface Listing<Item> {
  readonly items: readonly Item[]
  readonly unseenZones: readonly string[]
  /** When Google answered: milliseconds since the epoch, on its clock. */
  readonly time: number
}

/** Instances and disks in all zones of one project. Every failure is a CloudError. */
export interface Fleet {
  /** Those, of any status, that bear a label with this value. */
  instances(label: string, value: string): Promise<Listing<Instance>>
  disks(label: string, value: string): Promise<Listing<Disk>>
  disksNamed(prefix: string): Promise<Listing<Disk>>
  disk(zone: string, name: string): Promise<Disk | undefined>
}
