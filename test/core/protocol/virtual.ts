import type { Log } from '../../../core/host.ts'
import type { RunRecord } from '../../../core/protocol/records.ts'
import type { Clock, Compute, Instance, InstanceSpec, Objects, StoredObject } from '../../../core/world.ts'

/** A clock on which ten minutes pass in no time; events happen while someone sleeps. */
export class VirtualClock implements Clock {
  time = Date.UTC(2026, 10, 1)
  readonly #events: { at: number; act: () => void }[] = []

  now(): number {
    return this.time
  }

  /** Lets something happen after `ms`. */
  after(ms: number, act: () => void): void {
    this.#events.push({ at: this.time + ms, act })
    this.#events.sort((a, b) => a.at - b.at)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.time + ms
    for (;;) {
      const next = this.#events[0]
      if (signal?.aborted) return
      if (next === undefined || next.at > end) break
      this.#events.shift()
      this.time = next.at
      next.act()
    }
    this.time = end
  }
}

/** Objects in memory with Cloud Storage's create-once. */
export function openVirtualObjects(clock: Clock): Objects & { readonly store: Map<string, Uint8Array> } {
  const store = new Map<string, Uint8Array>()
  const created = new Map<string, number>()
  const metadata = new Map<string, Readonly<Record<string, string>>>()
  const describe = (name: string): StoredObject => ({
    name,
    size: store.get(name)?.length ?? 0,
    generation: '1',
    crc32c: '',
    created: created.get(name) ?? 0,
    metadata: metadata.get(name) ?? {},
  })
  const put: Objects['put'] = async (name, body, options = {}) => {
    if (typeof body === 'object' && 'file' in body) throw new Error('no files here')
    store.set(name, typeof body === 'string' ? new TextEncoder().encode(body) : body)
    created.set(name, clock.now())
    metadata.set(name, options.metadata ?? {})
    return describe(name)
  }
  return {
    bucket: 'depot',
    store,
    put,
    create: async (name, body, options) => (store.has(name) ? 'exists' : put(name, body, options)),
    stat: async (name) => (store.has(name) ? describe(name) : undefined),
    read: async (name) => store.get(name),
    async *open(name) {
      yield store.get(name) as Uint8Array
    },
    async *list(prefix, { startOffset = '', glob } = {}) {
      const pattern = glob === undefined ? /^/ : translateGlob(glob)
      const names = [...store.keys()].filter(
        (name) => name.startsWith(prefix) && name >= startOffset && pattern.test(name),
      )
      for (const name of names.sort()) yield describe(name)
    },
  }
}

function translateGlob(glob: string): RegExp {
  const body = glob
    .replaceAll('.', '\\.')
    .replaceAll('*', '[^/]*')
    .replaceAll('{', '(')
    .replaceAll('}', ')')
    .replaceAll(',', '|')
  return new RegExp(`^${body}$`)
}

/** Instances in memory: what a test does to them is what the cloud does. */
export function openVirtualCompute(): Compute & {
  readonly instances: Map<string, Instance>
  readonly inserted: InstanceSpec[]
  console: string
  refuse: (zone: string, spec: InstanceSpec) => Error | undefined
} {
  const instances = new Map<string, Instance>()
  const inserted: InstanceSpec[] = []
  const at = (zone: string, name: string) =>
    [...instances.values()].find((each) => each.zone === zone && (each.name === name || each.id === name))
  return {
    instances,
    inserted,
    console: '',
    refuse: () => undefined,
    image: async (name) => ({ name, id: '1', selfLink: name }),
    machineTypes: async () => [],
    async insert(spec) {
      const refusal = this.refuse(spec.zone, spec)
      if (refusal !== undefined) throw refusal
      inserted.push(spec)
      const { name, zone, labels } = spec
      instances.set(name, { name, zone, labels, id: String(inserted.length), status: 'RUNNING' })
    },
    removeDisk: async () => undefined,
    failedInsert: async () => undefined,
    instance: async (zone, name) => at(zone, name),
    async remove(zone, name) {
      const instance = at(zone, name)
      if (instance !== undefined) instances.delete(instance.name)
    },
    diskExists: async () => false,
    async serialTail() {
      return this.console
    },
  }
}

/** A log that keeps what was said. */
export function openRecordingLog(): Log & { readonly said: string[] } {
  const said: string[] = []
  return {
    said,
    info: (line) => said.push(`info ${line}`),
    warn: (line) => said.push(`warn ${line}`),
    output: (text) => said.push(`output ${text}`),
    group: (title) => said.push(`group ${title}`),
    endGroup: () => {},
    progress: () => {},
  }
}

/** A run record that differs from a plain one in the given parts. */
export function makeRun(parts: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: 1,
    nonce: crypto.randomUUID(),
    key: 'k',
    id: '0123456789abcdef',
    batch: 'train',
    inputsDigest: 'd',
    by: 'test',
    image: { name: 'ml-batch', id: '1', selfLink: 'ml-batch' },
    machine: { type: 'e2-small', zones: ['zone-a', 'zone-b'], spot: false, externalIp: true },
    timeoutSeconds: 3600,
    attempts: 1,
    params: {},
    env: {},
    steps: [],
    outputs: [],
    agent: 'f'.repeat(64),
    ...parts,
  }
}
