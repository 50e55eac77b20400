import { randomUUID } from 'node:crypto'
import { CommandError } from '../core/errors.ts'
import type { Builder, ImageBuild } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Gallery } from './gallery.ts'
import type { Network } from './network.ts'

/** What Packer works with. */
export interface Bench {
  /** Packer's process. The caller's own actor when it dies with its caller. */
  readonly actor: Actor
  readonly caller: Actor
  readonly network: Network
  readonly engine: Engine
  readonly gallery: Gallery
  /** How long Ansible takes. */
  readonly provisionMs: number
}

type Settings = ImageBuild['settings']

/** How long Packer tries to reach a machine by SSH that is not there any more. */
const silenceMs = 60_000

const pollMs = 3000

/**
 * Packer as its googlecompute builder behaves: no request id anywhere, a refusal of any kind for "there is no such image",
 * a boot disk that outlives its machine, and a cleanup that ends when it fails.
 */
export function openPacker(bench: Bench): Builder {
  return {
    tools: async () => ({}),
    validate: async () => undefined,
    build: ({ settings }, { signal, hopeless }) =>
      new Promise((resolve, reject) => {
        const answer = (act: () => void) => bench.caller.hear(act)
        hopeless.addEventListener('abort', () => answer(() => reject(hopeless.reason)))
        make(bench, settings, AbortSignal.any([signal, hopeless])).then(
          (name) => answer(() => resolve(name)),
          (error: Error) => answer(() => reject(describeEnd(error))),
        )
      }),
  }
}

async function make(bench: Bench, settings: Settings, stop: AbortSignal): Promise<string> {
  const { gallery } = bench
  const { image_name: name } = settings
  const found = await ask(bench, 'get image', name, () => gallery.find(name)).catch(() => undefined)
  if (found !== undefined) fail(`${name} exists`)
  await createMachine(bench, settings)
  try {
    await provision(bench, settings, stop)
    if (stop.aborted) fail('cancelled')
    await deleteMachine(bench, settings).catch(() => undefined)
    await createImage(bench, settings)
  } finally {
    await deleteMachine(bench, settings).catch(() => undefined)
    await change(bench, 'delete disk', settings, () =>
      bench.engine.disks.remove(settings.zone, settings.instance_name),
    ).catch(() => undefined)
  }
  return name
}

async function provision(bench: Bench, settings: Settings, stop: AbortSignal): Promise<void> {
  const { actor, provisionMs } = bench
  for (let spent = 0; spent < provisionMs && !stop.aborted; spent += pollMs) {
    await actor.clock.sleep(pollMs, stop)
    if (isReachable(bench, settings)) continue
    await actor.clock.sleep(silenceMs, stop)
    if (!stop.aborted) fail('the machine does not answer')
  }
}

async function createMachine(bench: Bench, settings: Settings): Promise<void> {
  const { engine } = bench
  const { instance_name: name, zone, labels, machine_type: machineType } = settings
  const spec = {
    name,
    zone,
    labels,
    machineType,
    image: `${settings.source_image_project_id}/${settings.source_image}`,
    spot: false,
    maxRunSeconds: settings.max_run_duration_in_seconds,
    metadata: {},
    externalIp: true,
    get requestId() {
      return randomUUID()
    },
  }
  const operation = await change(bench, 'create', settings, () => engine.insert(spec, { keepDisk: true }))
  await wait(bench, operation.doneAt)
  if (operation.error) fail(operation.error.message)
}

async function deleteMachine(bench: Bench, settings: Settings): Promise<void> {
  const { engine, actor } = bench
  const { zone, instance_name: name } = settings
  await change(bench, 'delete', settings, () => engine.remove(actor.name, zone, name))
  const isThere = () => engine.find(zone, name) !== undefined
  while (await ask(bench, 'wait', name, isThere)) await actor.clock.sleep(pollMs)
}

async function createImage(bench: Bench, settings: Settings): Promise<void> {
  const { gallery } = bench
  const { image_name: name, image_labels: labels, instance_name: disk, zone } = settings
  const source = { name, zone, disk, labels }
  const now = bench.actor.now
  const ms = await change(bench, 'create image', settings, () => gallery.insert(source))
  await wait(bench, now + ms)
}

/** Asks for an operation until it is done; a request that fails is the end. */
async function wait(bench: Bench, doneAt: number): Promise<void> {
  while (!(await ask(bench, 'wait', 'operation', () => bench.actor.now >= doneAt)))
    await bench.actor.clock.sleep(pollMs)
}

/** SSH is no request to Google. */
function isReachable({ engine }: Bench, { zone, instance_name: name }: Settings): boolean {
  return engine.find(zone, name)?.status === 'RUNNING'
}

function ask<T>({ actor, network }: Bench, method: string, about: string, act: () => T): Promise<T> {
  return network.send(actor, { service: 'reads', method: `packer: ${method}`, about, act })
}

function change<T>({ actor, network }: Bench, method: string, settings: Settings, act: () => T): Promise<T> {
  const about = `${settings.instance_name} in ${settings.zone}`
  return network.send(actor, { service: 'changes', method: `packer: ${method}`, about, act, once: true })
}

/** Packer knows Google's errors as text only. */
function describeEnd({ message }: Error): CommandError {
  return new CommandError('packer build', message, `packer build ended with exit code 1: ${message}`)
}

function fail(why: string): never {
  throw new Error(why)
}
