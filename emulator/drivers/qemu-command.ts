import { availableParallelism } from 'node:os'

/** What a virtual machine is made of. */
export interface QemuMachine {
  readonly name: string
  readonly guestCpus: number
  readonly memoryMb: number
  readonly diskFile: string
  /** Of the network interface: the guest agent looks for the one that the metadata name. */
  readonly mac: string
  /** The metadata server, the local cloud and its proxy: ports of 127.0.0.1. */
  readonly metadataPort: number
  readonly cloudPort: number
  readonly proxyPort?: number
  /** Address of the host whose port 22 is the machine's. */
  readonly address?: string
}

/** Numbers of the sockets that QEMU inherits. */
export const monitorNumber = 3
export const serialNumber = 4

const network = '169.254.169'
const metadataAddress = `${network}.254`
const cloudAddress = `${network}.253`

/**
 * The arguments of qemu-system-x86_64. Software emulation only: what a test sees must not hang on the host's processor.
 * The machine reaches what is forwarded here, and nothing else.
 */
export function makeQemuArguments(machine: QemuMachine): readonly string[] {
  const { name, diskFile, mac, metadataPort, cloudPort, proxyPort, address } = machine
  const netdev = [
    `user,id=net,net=${network}.0/24,host=${network}.2,dns=${network}.3,dhcpstart=${network}.15`,
    `restrict=on,hostname=${name}`,
    forward(metadataAddress, 80, metadataPort),
    forward(cloudAddress, 80, cloudPort),
    ...(proxyPort === undefined ? [] : [forward(cloudAddress, 3128, proxyPort)]),
    ...(address === undefined ? [] : [`hostfwd=tcp:${address}:22-:22`]),
  ]
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ...['-name', name, '-machine', 'pc', '-accel', 'tcg,thread=multi,tb-size=128', '-cpu', 'max'],
    ...['-smp', String(Math.min(machine.guestCpus, availableParallelism()))],
    ...['-m', String(machine.memoryMb)],
    // Not synced to the host's own disk: what is to outlive the host is not kept here.
    ...['-drive', `file=${doubleCommas(diskFile)},format=qcow2,if=virtio,cache=unsafe,discard=unmap`],
    ...['-netdev', netdev.join(','), '-device', `virtio-net-pci,netdev=net,mac=${mac},romfile=`],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=monitor,fd=${monitorNumber}`, '-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `socket,id=serial,fd=${serialNumber}`, '-serial', 'chardev:serial'],
  ]
}

/** A program for each connection: a guest is forwarded to a character device only once. */
function forward(address: string, port: number, hostPort: number): string {
  return `guestfwd=tcp:${address}:${port}-cmd:nc -N 127.0.0.1 ${hostPort}`
}

/** https://www.qemu.org/docs/master/system/qemu-manpage.html: a comma in a value is doubled. */
function doubleCommas(text: string): string {
  return text.replaceAll(',', ',,')
}
