import type { RequestListener } from 'node:http'

/** What a driver is given to boot: an instance, as the machine under it has to know it. */
export interface Machine {
  /** The instance's numeric id. */
  readonly id: string
  readonly name: string
  readonly project: string
  readonly zone: string
  /** Link of the image that its boot disk was made from; missing when the disk was empty. */
  readonly image?: string
  readonly guestCpus: number
  readonly memoryMb: number
  /** The machine's own directory; lasts until `discard`. */
  readonly directory: string
  /** Directory with what its boot disk holds; outlives the instance if the disk does. Empty or missing before the first boot. */
  readonly disk: string
  /** Directory with what the image holds that the boot disk was made from; missing when that image holds nothing, as the local ones. */
  readonly imageContent?: string
  /** Internal address, and the hardware address of the network interface that has it. */
  readonly networkIp: string
  readonly mac: string
  /** Address on the host that stands for the external IP (127.0.9.N); missing when the instance has none. */
  readonly address?: string
  /** The metadata attributes, as they are at this boot. */
  readonly attributes: Readonly<Record<string, string>>
  /** Answers the machine's metadata requests; the driver listens where its guests look for it. */
  readonly metadata: RequestListener
  /** Address of the emulator, `http://127.0.0.1:PORT`. */
  readonly cloud: string
  /** Address of the emulator's forward proxy, `http://127.0.0.1:PORT`; missing when it has none. */
  readonly proxy?: string
  /** Writes to serial port 1. */
  readonly serial: (text: string) => void
}

/** A machine that is on. */
export interface RunningMachine {
  /** Resolves when the machine is off, whoever turned it off. */
  readonly exited: Promise<void>
  /** Asks the machine to shut down, and cuts its power after `graceMs`. Resolves when nothing of it runs any more. */
  stop(graceMs: number): Promise<void>
  /** Cuts the power, if it is still on. Resolves when nothing of it runs any more. */
  kill(): Promise<void>
}

/** Makes machines of instances. */
export interface Driver {
  readonly name: string
  boot(machine: Machine): Promise<RunningMachine>
  /** Ends what another emulator, which is gone, left running of a machine. */
  reap(machine: Pick<Machine, 'id' | 'directory'>): Promise<void>
  /** Removes the machine's directory and all that belongs to it. */
  discard(machine: Pick<Machine, 'id' | 'directory'>): Promise<void>
  /**
   * Gives the directory `to` what the disk or image in `from` holds, copy on write: later writes to one are not seen in
   * the other. `from` may be a disk whose machine is off, and a folder that scripts/make-base-image made. A driver
   * without it keeps no contents, and its machines have no address.
   */
  copy?(from: string, to: string): Promise<void>
  /** Removes what a disk or an image holds, once nobody else needs its layers. */
  erase?(directory: string): Promise<void>
}
