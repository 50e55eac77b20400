import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeDisk } from './disk.ts'
import type { Driver, Machine, RunningMachine } from './driver.ts'
import { killAll, readMark, writeMark } from './mark.ts'
import { makeQemuArguments, monitorNumber, serialNumber } from './qemu-command.ts'
import { copyDisk, diskFileOf, eraseDisk, markWritten } from './qemu-disks.ts'
import { openQemuMonitor, type QemuMonitor } from './qemu-monitor.ts'

export interface QemuDriverOptions {
  /** What a machine has at most, whatever its type says. Default 1024: more makes it slower to boot. */
  readonly memoryMb?: number
  /**
   * What a machine has at least to shut down. Default 60 000, since a system that is emulated takes seconds, and one
   * whose power is cut may not have written what it was told to keep. Google gives 120 seconds.
   */
  readonly shutdownMs?: number
}

/** Machines with a kernel of their own, emulated: boot loader, systemd and guest agent are the real ones. */
export function openQemuDriver({ memoryMb = 1024, shutdownMs = 60_000 }: QemuDriverOptions = {}): Driver {
  // One after the other: what one makes, the next might take for unused.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void> | void): Promise<void> => {
    const done = turn.then(work, work)
    turn = done
    return done
  }
  return {
    name: 'qemu',
    async boot(machine) {
      await inTurn(() => fillDisk(machine))
      await using starting = new AsyncDisposableStack()
      const metadata = createServer({ keepAliveTimeout: 0 }, machine.metadata).listen(0, '127.0.0.1')
      starting.defer(() => closeServer(metadata))
      await once(metadata, 'listening')
      const { port } = metadata.address() as AddressInfo
      starting.defer(() => killAll(readMark(machine)))
      const qemu = await startQemu(machine, port, Math.min(machine.memoryMb, memoryMb))
      return runMachine(machine, qemu, shutdownMs, starting.move())
    },
    reap: (machine) => killAll(readMark(machine)),
    discard: ({ directory }) => removeDisk(directory),
    copy: (from, to) => inTurn(() => copyDisk(from, to)),
    erase: (directory) => inTurn(() => eraseDisk(directory)),
  }
}

async function fillDisk({ name, disk, imageContent }: Machine): Promise<void> {
  if (!existsSync(diskFileOf(disk))) {
    if (imageContent === undefined)
      throw new Error(`The boot disk of "${name}" holds nothing that QEMU boots.`)
    await copyDisk(imageContent, disk)
  }
  markWritten(disk)
}

async function startQemu(machine: Machine, metadataPort: number, memoryMb: number) {
  const { id, name, guestCpus, disk, mac, directory, cloud, proxy, address } = machine
  mkdirSync(directory, { recursive: true })
  const args = makeQemuArguments({
    name,
    guestCpus,
    memoryMb,
    diskFile: diskFileOf(disk),
    mac,
    metadataPort,
    cloudPort: portOf(cloud),
    ...(proxy !== undefined && { proxyPort: portOf(proxy) }),
    ...(address !== undefined && { address }),
  })
  writeMark(machine, undefined)
  const child = spawn('qemu-system-x86_64', args, {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', MAYFLY_MACHINE: id },
    // A session of its own: Ctrl-C is for the emulator, which ends its machines in good order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  if (child.pid === undefined) throw new Error(explain(name, await readFailure(child)))
  writeMark(machine, child.pid)
  const exited = once(child, 'exit')
  const closed = once(child, 'close')
  const errors = collectText(child.stderr as Readable)
  const socketOf = (fd: number) => child.stdio[fd] as unknown as Duplex
  const serial = socketOf(serialNumber).setEncoding('utf8').on('data', machine.serial)
  // Gone when QEMU is.
  serial.on('error', () => {})
  try {
    return { exited, closed, monitor: await openQemuMonitor(socketOf(monitorNumber)) }
  } catch (cause) {
    throw new Error(explain(name, (await errors) || (cause as Error).message), { cause })
  }
}

function explain(name: string, reason: string): string {
  return `QEMU could not boot "${name}": ${reason}`
}

async function readFailure(child: ChildProcess): Promise<string> {
  const [error] = await once(child, 'error')
  return `${(error as Error).message}; apt-get install qemu-system-x86 brings it.`
}

interface Qemu {
  readonly exited: Promise<unknown>
  /** Comes after the last output, which it waits for. */
  readonly closed: Promise<unknown>
  readonly monitor: QemuMonitor
}

/** How often the power button is pressed: a kernel that is still booting does not feel it. */
const pressMs = 1000

function runMachine(
  machine: Machine,
  qemu: Qemu,
  shutdownMs: number,
  end: AsyncDisposableStack,
): RunningMachine {
  const exited = qemu.exited
    // The programs that forward for it go on, and hold its output open.
    .then(() => killAll(readMark(machine)))
    .then(() => qemu.closed)
    .then(() => end.disposeAsync())
  const kill = async () => {
    await killAll(readMark(machine))
    await exited
  }
  return {
    exited,
    kill,
    async stop(graceMs) {
      const deadline = performance.now() + Math.max(graceMs, shutdownMs)
      const off = new AbortController()
      void exited.then(() => off.abort())
      while (!off.signal.aborted && performance.now() < deadline) {
        qemu.monitor.pressPower()
        await sleep(pressMs, undefined, { signal: off.signal }).catch(() => {})
      }
      await kill()
    },
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

async function collectText(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text = (text + chunk).slice(-4000)
  return text.trim()
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}
