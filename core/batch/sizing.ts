import { InputError } from '../errors.ts'
import { suggestNearest } from '../nearest.ts'
import { writeSize } from '../units.ts'
import type { MachineType } from '../world.ts'
import type { MachineWish } from './batch.ts'

/**
 * The families that are chosen from, cheapest first. Others are for those who name them: their CPUs may be Arm and
 * not run the image, they may bill for GPUs, or boot from Hyperdisk only
 * (https://cloud.google.com/compute/docs/machine-resource).
 */
const families = ['e2', 'n2d', 'n2', 'c3']

/** The machine type that was asked for by name, or the smallest that fits. Throws an InputError; `where` is the wish's place. */
export function chooseMachineType(
  wish: Pick<MachineWish, 'type' | 'cpus' | 'memoryMb'>,
  types: readonly MachineType[],
  where = 'machine',
): MachineType {
  const chosen =
    wish.type === undefined
      ? types.filter((type) => isChoosable(type) && fits(type, wish)).sort(compare)[0]
      : types.find(({ name }) => name === wish.type)
  if (chosen !== undefined) return chosen
  throw new InputError([{ where, message: explainNone(wish, types) }])
}

type Size = Pick<MachineWish, 'cpus' | 'memoryMb'>

function isChoosable({ name }: MachineType): boolean {
  const sharedCore = /^e2-(?:micro|small|medium)$/
  // Bare metal takes no standard boot disk, and a local SSD is paid for whether or not it is used.
  return rankFamily(name) < families.length && !sharedCore.test(name) && !/-(?:metal|lssd)$/.test(name)
}

function rankFamily(name: string): number {
  const rank = families.indexOf(name.split('-')[0] as string)
  return rank < 0 ? families.length : rank
}

function fits(type: MachineType, { cpus = 0, memoryMb = 0 }: Size): boolean {
  return type.cpus >= cpus && type.memoryMb >= memoryMb
}

function compare(a: MachineType, b: MachineType): number {
  return (
    a.cpus - b.cpus ||
    a.memoryMb - b.memoryMb ||
    rankFamily(a.name) - rankFamily(b.name) ||
    (a.name < b.name ? -1 : 1)
  )
}

function explainNone(wish: Pick<MachineWish, 'type'> & Size, types: readonly MachineType[]): string {
  if (wish.type !== undefined) {
    const names = types.map(({ name }) => name)
    return `the zone has no machine type "${wish.type}".${suggestNearest(wish.type, names)}`
  }
  const near = types
    .filter(isChoosable)
    .sort((a, b) => measureLack(a, wish) - measureLack(b, wish) || compare(a, b))
    .slice(0, 3)
    .map((type) => `${type.name} (${describeSize(type)})`)
  const nearest = near.length === 0 ? '' : ` Nearest: ${near.join(', ')}.`
  return `the zone has no machine type with ${describeSize(wish)} or more.${nearest} Other families can be had by name, with type.`
}

/** How much of the wish a type leaves open, as a share of each part. */
function measureLack(type: MachineType, { cpus = 0, memoryMb = 0 }: Size): number {
  return Math.max(0, 1 - type.cpus / cpus) + Math.max(0, 1 - type.memoryMb / memoryMb)
}

function describeSize({ cpus, memoryMb }: Size): string {
  return [
    ...(cpus === undefined ? [] : [`${cpus} CPUs`]),
    ...(memoryMb === undefined ? [] : [writeSize(memoryMb)]),
  ].join(' and ')
}
