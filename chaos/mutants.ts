import { randomUUID } from 'node:crypto'
import { CloudError } from '../core/errors.ts'
import type { Compute, Fleet, Images, Objects } from '../core/world.ts'
import type { Mutant, Ports } from './cloud.ts'

// Each takes one defence away, between the product and the cloud: the product itself has no switches. The checker has
// to notice, or it would not notice a mistake of ours either.

const single = {
  /** ifGenerationMatch=0 is not sent. */
  'create-overwrites': onObjects((objects) => ({ create: (...call) => objects.put(...call) })),

  /** Whatever the fence says, the machine hears that it may pass. */
  'fence-lets-all': onObjects(
    (objects) => ({
      create: async (name, body, options) => {
        const created = await objects.create(name, body, options)
        if (created !== 'exists' || !name.endsWith('/started.json')) return created
        return (await objects.stat(name)) ?? created
      },
    }),
    'machine',
  ),

  /** Whoever seals an attempt leaves the fence to its machine, and believes to have it. */
  'seal-leaves-fence': onObjects(
    (objects) => ({
      create: async (name, body, options) =>
        name.endsWith('/started.json') ? feign(name) : objects.create(name, body, options),
    }),
    'caller',
  ),

  /** A seal replaces the machine's result. */
  'seal-overwrites': onObjects(
    (objects) => ({
      create: (name, body, options) =>
        name.endsWith('/result.json')
          ? objects.put(name, body, options)
          : objects.create(name, body, options),
    }),
    'caller',
  ),

  /** A verdict is told and not written. */
  'no-seal': onObjects(
    (objects) => ({
      create: async (name, body, options) =>
        name.endsWith('/result.json') ? feign(name) : objects.create(name, body, options),
    }),
    'caller',
  ),

  /** An attempt is opened without its entry. */
  'no-entry': onObjects(
    (objects) => ({
      create: async (name, body, options) =>
        name.startsWith('recent/') ? feign(name) : objects.create(name, body, options),
    }),
    'caller',
  ),

  'no-max-run-duration': onCompute((compute) => ({
    insert: (spec) => compute.insert({ ...spec, maxRunSeconds: Number.POSITIVE_INFINITY }),
  })),

  'no-delete': onCompute(() => ({ remove: async () => undefined })),

  /** Another one with every request that is sent. */
  'random-request-id': onCompute((compute) => ({
    insert: (spec) =>
      compute.insert({
        ...spec,
        get requestId() {
          return randomUUID()
        },
      }),
  })),

  /** No answer is taken for a no. */
  'unknown-is-absent': onCompute((compute) => ({
    instance: (...call) => compute.instance(...call).catch((error) => unlessUnknown(error, undefined)),
    diskExists: (...call) => compute.diskExists(...call).catch((error) => unlessUnknown(error, false)),
  })),

  /** An insert without an answer is taken for a failed one, and the next zone is tried. */
  'unknown-is-stockout': onCompute((compute) => ({
    insert: (spec) =>
      compute.insert(spec).catch((error) => {
        throw unlessUnknown(error, new CloudError('stockout', 'compute.instances.insert', spec.name))
      }),
  })),

  /** An image is in its family as soon as it has been tested, whatever the test said. */
  'tested-is-promoted': onImages((images) => ({
    async label(image, labels) {
      await images.label(image, labels)
      if ('mayfly-smoke' in labels) await images.setFamily(image.name, 'ml-batch')
    },
  })),

  /** A sweep takes every machine for one whose time is over. */
  'sweep-reads-no-deadline': onFleet((fleet) => ({
    async instances(...call) {
      const listing = await fleet.instances(...call)
      const labels = { 'mayfly-deadline': '1000000000' }
      return {
        ...listing,
        items: listing.items.map((each) => ({ ...each, labels: { ...each.labels, ...labels } })),
      }
    },
  })),
} as const satisfies Record<string, Mutant>

export type MutantName = keyof typeof single

/** A mutant by name; several joined by `+` lose several defences. Undefined when there is none of the name. */
export function findMutant(name: string): Mutant | undefined {
  const parts = name.split('+')
  if (!parts.every((part): part is MutantName => Object.hasOwn(single, part))) return undefined
  return (ports, who, random) =>
    parts.reduce((changed, part) => (single[part] as Mutant)(changed, who, random), ports)
}

/** Every name that `findMutant` knows. */
export const mutantNames = Object.keys(single) as readonly MutantName[]

function onObjects(change: (objects: Objects) => Partial<Objects>, only?: 'caller' | 'machine'): Mutant {
  return (ports: Ports, who) =>
    only === undefined || only === who
      ? { ...ports, objects: { ...ports.objects, ...change(ports.objects) } }
      : ports
}

function onCompute(change: (compute: Compute) => Partial<Compute>): Mutant {
  return (ports: Ports) => ({ ...ports, compute: { ...ports.compute, ...change(ports.compute) } })
}

function onImages(change: (images: Images) => Partial<Images>): Mutant {
  return (ports: Ports) => ({ ...ports, images: { ...ports.images, ...change(ports.images) } })
}

function onFleet(change: (fleet: Fleet) => Partial<Fleet>): Mutant {
  return (ports: Ports) => ({ ...ports, fleet: { ...ports.fleet, ...change(ports.fleet) } })
}

/** The answer to a create that was never sent. */
async function feign(name: string) {
  return { name, size: 0, generation: '1', crc32c: '', created: 0, metadata: {} }
}

function unlessUnknown<T>(error: unknown, instead: T): T {
  if (error instanceof CloudError && error.failure === 'unknown') return instead
  throw error
}
