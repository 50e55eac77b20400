import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasContent } from '../drivers/by-content.ts'
import type { Driver, Machine } from '../drivers/driver.ts'
import { openMetadata } from '../metadata/metadata.ts'
import { readAddress } from './addresses.ts'
import type { Clock } from './clock.ts'
import type { Contents } from './contents.ts'
import { OperationFailure } from './errors.ts'
import { type Instance, makeMac } from './instance.ts'
import { nameOf } from './links.ts'
import { findMachineType } from './machine-types.ts'
import { readAttributes } from './metadata-items.ts'
import type { Records } from './records.ts'
import { openSerialPort, type SerialOutput } from './serial-port.ts'
import type { Gate } from './troubles.ts'

export interface MachinesOptions {
  readonly stateDir: string
  /** Address of the emulator. */
  readonly cloud: string
  /** Opens the emulator's forward proxy, if it is not open yet, and gives its address. */
  readonly openProxy: () => Promise<string>
  readonly contents: Contents
  readonly records: Records
  readonly clock: Clock
  readonly driver: Driver
  readonly gate: Pick<Gate, 'isSilent'>
}

/** What the drivers are given of instances, and what is kept of machines on disk. */
export interface Machines {
  make(instance: Instance): Promise<Machine>
  locate(instance: Instance): Pick<Machine, 'id' | 'directory'>
  /** What the machine wrote to serial port 1, from an offset. */
  readSerial(instance: Instance, start: number): SerialOutput
  discard(instance: Instance): Promise<void>
}

/** A process of this computer in its place would be another machine than the one that was asked for. */
function refuseContent(driver: string): OperationFailure {
  const message = `The boot disk holds an operating system, and the machine driver "${driver}" cannot boot one. Start the local cloud with MAYFLY_MACHINE_DRIVER=namespace.`
  return new OperationFailure(400, 'BAD REQUEST', [{ code: 'UNSUPPORTED_OPERATION', message }])
}

export function openMachines(options: MachinesOptions): Machines {
  const { stateDir, cloud, openProxy, contents, records, clock, driver, gate } = options
  const serialOf = ({ id }: Instance) => join(stateDir, 'serial', id)

  const locate = ({ id }: Instance) => ({ id, directory: join(stateDir, 'machines', id) })

  async function make(instance: Instance): Promise<Machine> {
    const { project, zone, image } = instance.local
    const type = findMachineType(project, zone, nameOf(instance.machineType))
    if (!type) throw new Error(`${instance.selfLink} has a machine type that ${zone} lacks.`)
    const serial = openSerialPort(serialOf(instance))
    const address = readAddress(instance)
    const content = contents.ofInstance(instance)
    if (!driver.copy && hasContent(content)) throw refuseContent(driver.name)
    return {
      ...locate(instance),
      ...content,
      ...readNetwork(instance),
      ...(address !== undefined && { address }),
      name: instance.name,
      project,
      zone,
      ...(image && { image }),
      guestCpus: type.guestCpus,
      memoryMb: type.memoryMb,
      attributes: withScript(readAttributes(instance.metadata), !gate.isSilent()),
      metadata: openMetadata({
        clock,
        read: () => records.refresh(instance),
        watch: (fn) => records.watch(instance.selfLink, fn),
        setGuestAttributes(guestAttributes) {
          const current = records.refresh(instance)
          if (!current) return
          records.write(current.selfLink, { ...current, local: { ...current.local, guestAttributes } })
        },
      }),
      cloud,
      // Without anything to boot from it is a process of the host, which has ways of its own.
      ...(hasContent(content) && { proxy: await openProxy() }),
      serial: serial.write,
    }
  }

  return {
    make,
    locate,
    readSerial: (instance, start) => openSerialPort(serialOf(instance)).read(start),
    async discard(instance) {
      await driver.discard(locate(instance))
      await rm(serialOf(instance), { recursive: true, force: true })
    },
  }
}

/** An image whose guest agent is broken boots, and runs nothing. */
function withScript(attributes: Readonly<Record<string, string>>, runs: boolean): Record<string, string> {
  const { 'startup-script': script, ...others } = attributes
  return runs && script !== undefined ? { ...others, 'startup-script': script } : others
}

function readNetwork({ networkInterfaces: [nic], selfLink }: Instance): Pick<Machine, 'networkIp' | 'mac'> {
  if (!nic) throw new Error(`${selfLink} has no network interface.`)
  return { networkIp: nic.networkIP, mac: makeMac(nic) }
}
