import type { ProcessId } from '../drivers/processes.ts'
import type { Labels } from './labels.ts'
import type { Link } from './links.ts'
import type { Metadata } from './metadata-items.ts'
import type { Scheduling } from './scheduling.ts'

/** A disk as an instance has it. */
export interface AttachedDisk {
  readonly kind: 'compute#attachedDisk'
  readonly type: 'PERSISTENT'
  readonly mode: 'READ_WRITE' | 'READ_ONLY'
  readonly source: Link
  readonly deviceName: string
  readonly index: number
  readonly boot: boolean
  readonly autoDelete: boolean
  readonly interface: 'SCSI'
  readonly diskSizeGb: string
  readonly licenses: readonly Link[]
  readonly guestOsFeatures: readonly { readonly type: string }[]
}

export interface NetworkInterface {
  readonly kind: 'compute#networkInterface'
  readonly name: string
  readonly network: Link
  readonly subnetwork: Link
  readonly networkIP: string
  readonly stackType: 'IPV4_ONLY'
  readonly accessConfigs?: readonly {
    readonly kind: 'compute#accessConfig'
    readonly type: 'ONE_TO_ONE_NAT'
    readonly name: string
    readonly natIP: string
    readonly networkTier: 'PREMIUM'
  }[]
}

/** As Google makes them: 42:01 and the four bytes of the internal address. */
export function makeMac({ networkIP }: NetworkInterface): string {
  const bytes = networkIP.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['42', '01', ...bytes].join(':')
}

export interface ServiceAccount {
  readonly email: string
  readonly scopes: readonly string[]
}

type InstanceStatus = 'PROVISIONING' | 'STAGING' | 'RUNNING' | 'STOPPING' | 'TERMINATED'

/** A virtual machine, as Compute Engine describes it. */
export interface Instance {
  readonly kind: 'compute#instance'
  readonly id: string
  readonly creationTimestamp: string
  readonly name: string
  readonly description?: string
  readonly tags: { readonly fingerprint: string; readonly items?: readonly string[] }
  readonly machineType: Link
  readonly status: InstanceStatus
  readonly zone: Link
  readonly canIpForward: boolean
  readonly networkInterfaces: readonly NetworkInterface[]
  readonly disks: readonly AttachedDisk[]
  readonly metadata: Metadata
  readonly serviceAccounts?: readonly ServiceAccount[]
  readonly guestAccelerators?: readonly object[]
  readonly scheduling: Scheduling
  readonly cpuPlatform: string
  readonly labels?: Labels
  readonly labelFingerprint: string
  readonly startRestricted: false
  readonly deletionProtection: false
  readonly fingerprint: string
  readonly lastStartTimestamp?: string
  readonly lastStopTimestamp?: string
  /** `scheduling.terminationTimestamp` is when a time limit ends the instance; only while it runs. */
  readonly resourceStatus: { readonly scheduling: { readonly terminationTimestamp?: string } }
  readonly selfLink: Link
  readonly local: LocalState
}

/** What the emulator keeps of an instance and no client sees. */
export interface LocalState {
  readonly project: string
  readonly zone: string
  /** Link of the image of the boot disk. */
  readonly image?: Link
  /** The emulator whose driver has the machine; missing while the instance is off. */
  readonly owner?: ProcessId
  /** Milliseconds since 1970; missing while the instance is off. */
  readonly deadline?: number
  readonly preempted?: true
  readonly guestAttributes?: Readonly<Record<string, string>>
}

/** An instance as a client sees it. */
export type InstanceView = Omit<Instance, 'local'>
