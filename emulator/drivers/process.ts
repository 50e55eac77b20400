import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatLine } from './console.ts'
import { makeDisk, removeDisk } from './disk.ts'
import type { Driver, Machine, RunningMachine } from './driver.ts'
import { killAll, readMark, shutDown, writeMark } from './mark.ts'
import { runStartupScript } from './startup-script.ts'

export interface ProcessDriverOptions {
  /**
   * Gives each machine a disk of this size, to be filled up; needs Linux and root. Default: the environment variable
   * MAYFLY_MACHINE_DISK_BYTES, else the host's disk.
   */
  readonly diskBytes?: number
}

/**
 * Machines without a kernel of their own: the startup script as a process in a directory of its own, with its own
 * metadata server. Needs nothing but a POSIX system.
 */
export function openProcessDriver(options: ProcessDriverOptions = {}): Driver {
  const diskBytes = options.diskBytes ?? readBytes(process.env.MAYFLY_MACHINE_DISK_BYTES)
  return {
    name: 'process',
    async boot(machine) {
      makeDisk(machine.directory, diskBytes)
      const metadata = createServer(machine.metadata).listen(0, '127.0.0.1')
      await once(metadata, 'listening')
      return runMachine(machine, metadata)
    },
    reap: (machine) => killAll(readMark(machine)),
    discard: ({ directory }) => removeDisk(directory),
  }
}

function readBytes(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}

function runMachine(machine: Machine, metadata: Server): RunningMachine {
  const off = Promise.withResolvers<void>()
  const log = (line: string) =>
    machine.serial(formatLine(machine.name, 'google_metadata_script_runner', line))
  // A script that cannot even be started (its disk is full, say) is a line on the console too.
  const ended = runScript(machine, (metadata.address() as AddressInfo).port, log).catch((error: Error) => {
    log(`startup-script ${error.message}`)
  })

  async function end(graceMs: number) {
    await shutDown(readMark(machine), graceMs)
    // For the last lines; not for ever, should a process that got away have the pipe.
    await Promise.race([ended, sleep(1000, undefined, { ref: false })])
    metadata.close()
    metadata.closeAllConnections()
    off.resolve()
  }

  return { exited: off.promise, stop: end, kill: () => end(0) }
}

async function runScript(machine: Machine, metadataPort: number, log: (line: string) => void): Promise<void> {
  log('Starting startup scripts (version dev).')
  const text = machine.attributes['startup-script']
  const markFile = writeMark(machine, undefined)
  if (text === undefined) return log('No startup scripts to run.')
  log('Found startup-script in metadata.')
  const script = runStartupScript({
    text,
    directory: machine.directory,
    environment: makeEnvironment(machine, metadataPort),
    markFile,
    pipeFile: `${machine.directory}.pipe`,
    log,
  })
  writeMark(machine, script.pid)
  await script.ended
}

function makeEnvironment(machine: Machine, metadataPort: number): Record<string, string> {
  const metadata = `127.0.0.1:${metadataPort}`
  const path = [
    dirname(process.execPath),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ]
  return {
    ...readContainerSettings(),
    PATH: [...path, '/opt/homebrew/bin'].join(delimiter),
    LANG: process.env.LANG ?? 'C.UTF-8',
    HOME: machine.directory,
    TMPDIR: join(machine.directory, 'tmp'),
    MAYFLY_MACHINE: machine.id,
    GCE_METADATA_HOST: metadata,
    GCE_METADATA_IP: metadata,
    GCE_METADATA_ROOT: metadata,
    STORAGE_EMULATOR_HOST: machine.cloud,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${machine.cloud}/storage/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${machine.cloud}/compute/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${machine.cloud}/`,
  }
}

/** Which container runtime the host has is the host's affair, so that these come through. */
function readContainerSettings(): Record<string, string> {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('MAYFLY_CONTAINER_'))
  return Object.fromEntries(settings.map(([name, value = '']) => [name, value]))
}
