import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatLine } from './console.ts'
import { removeDisk } from './disk.ts'
import type { Driver, Machine, RunningMachine } from './driver.ts'
import { copyLayers, eraseLayers, openOverlay } from './layers.ts'
import { readLines } from './lines.ts'
import { killAll, readMark, writeMark } from './mark.ts'
import { openPorts, type Ports } from './namespace-ports.ts'
import { enterScript, initScript, setUpScript } from './namespace-scripts.ts'
import { identify, signal } from './processes.ts'

/**
 * Machines with a file system, a network and processes of their own, on the host's kernel: Google's guest agent, SSH
 * and the startup script run as they do on Compute Engine, but nothing boots. Needs Linux and root.
 */
export function openNamespaceDriver(): Driver {
  return {
    name: 'namespace',
    async boot(machine) {
      mkdirSync(machine.directory, { recursive: true })
      const ports = await openPorts(machine)
      try {
        return await runMachine(machine, ports)
      } catch (error) {
        await ports[Symbol.asyncDispose]()
        throw error
      }
    },
    reap: (machine) => killAll(readMark(machine)),
    discard: ({ directory }) => removeDisk(directory),
    copy: async (from, to) => copyLayers(from, to),
    erase: eraseLayers,
  }
}

const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child']

async function runMachine(machine: Machine, ports: Ports): Promise<RunningMachine> {
  const { lower, upper, work } = openOverlay(machine.disk, machine.imageContent)
  const network = [machine.networkIp, machine.mac]
  const disk = [lower.join(':'), upper, work]
  const setUp = [setUpScript, 'set-up', ...disk, machine.name, ...network, enterScript, initScript]
  const child = spawn('unshare', [...namespaces, '--', '/bin/sh', '-c', ...setUp], {
    cwd: machine.directory,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const exit = waitForExit(child)
  writeMark(machine, child.pid)
  const [output, errors, state] = child.stdio.slice(1) as Readable[] as [Readable, Readable, Readable]
  let booting = true
  const said: string[] = []
  const lines = Promise.all([
    printLines(output, (line) =>
      machine.serial(formatLine(machine.name, 'google_metadata_script_runner', line)),
    ),
    printLines(errors, (line) => {
      if (booting) said.push(line)
      machine.serial(formatLine(machine.name, 'init', line))
    }),
  ])
  const failure = await Promise.race([once(state, 'data').then(() => undefined), exit])
  state.destroy()
  if (failure !== undefined) {
    await lines
    throw new Error(`The namespace driver could not boot ${machine.name}: ${said.join('; ') || failure}`)
  }
  booting = false
  const exited = exit.then(async () => {
    await lines
    await ports[Symbol.asyncDispose]()
  })
  const kill = async () => {
    await killAll(readMark(machine))
    await exited
  }
  return {
    exited,
    async stop(graceMs) {
      const init = findChild(child)
      if (init) signal(init, 'SIGTERM')
      await Promise.race([exited, sleep(graceMs, undefined, { ref: false })])
      await kill()
    },
    kill,
  }
}

const guestCloud = 'http://169.254.169.253'

/** What a unit of systemd would have, and what the base image says of the local cloud to Google's units. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  STORAGE_EMULATOR_HOST: guestCloud,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${guestCloud}/storage/v1/`,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${guestCloud}/compute/v1/`,
}

// The runner cuts off a script whose lines are too long by itself.
async function printLines(stream: Readable, print: (line: string) => void): Promise<void> {
  await readLines(stream, Number.POSITIVE_INFINITY, print)
}

function waitForExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('exit', (code, name) =>
      resolve(name === null ? `unshare ended with ${code}` : `unshare got ${name}`),
    )
  })
}

/** The machine's first process, which is the only child of unshare. */
function findChild({ pid }: ChildProcess) {
  try {
    const [first = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return first === '' ? undefined : identify(Number(first))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
