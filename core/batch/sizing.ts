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

/** Nobody would choose the old one first, but it has room when the others have none. */
const siblingFamilies = [...families, 'n1']

/** The machine type that was asked for by name, or the smallest that fits. Throws an InputError; `where` is the wish's place. */
export function chooseMachineType(wish: Wish, types: readonly MachineType[], where = 'machine'): MachineType {
  const chosen =
    wish.type === undefined
      ? types.filter((type) => isChoosable(type) && fits(type, wish)).sort(compare)[0]
      : types.find(({ name }) => name === wish.type)
  if (chosen !== undefined) return chosen
  throw new InputError([{ where, message: explainNone(wish, types) }])
}

/**
 * Types of other families that do as well when the chosen one is sold out: as many CPUs, and the memory that was wished
 * for. The smallest of each family, cheapest family first.
 */
export function listSiblings(
  chosen: MachineType,
  { memoryMb = 0 }: Size,
  types: readonly MachineType[],
): readonly MachineType[] {
  const seen = new Set([familyOf(chosen)])
  const alike = types.filter(
    (type) => type.cpus === chosen.cpus && type.memoryMb >= memoryMb && isChoosable(type, siblingFamilies),
  )
  return alike
    .sort((a, b) => a.memoryMb - b.memoryMb || (a.name < b.name ? -1 : 1))
    .filter((type) => !seen.has(familyOf(type)) && seen.add(familyOf(type)))
    .sort((a, b) => rankFamily(a, siblingFamilies) - rankFamily(b, siblingFamilies))
}

type Wish = Size & { readonly type?: string }
type Size = Pick<MachineWish, 'cpus' | 'memoryMb'>

function isChoosable(type: MachineType, among = families): boolean {
  const sharedCore = /^e2-(?:micro|small|medium)$/
  // Bare metal takes no standard boot disk, and a local SSD is paid for whether or not it is used.
  const { name } = type
  return rankFamily(type, among) < among.length && !sharedCore.test(name) && !/-(?:metal|lssd)$/.test(name)
}

function rankFamily(type: MachineType, among = families): number {
  const rank = among.indexOf(familyOf(type))
  return rank < 0 ? among.length : rank
}

function familyOf({ name }: MachineType): string {
  return name.split('-')[0] as string
}

function fits(type: MachineType, { cpus = 0, memoryMb = 0 }: Size): boolean {
  return type.cpus >= cpus && type.memoryMb >= memoryMb
}

function compare(a: MachineType, b: MachineType): number {
  return (
    a.cpus - b.cpus || a.memoryMb - b.memoryMb || rankFamily(a) - rankFamily(b) || (a.name < b.name ? -1 : 1)
  )
}

function explainNone(wish: Wish, types: readonly MachineType[]): string {
  if (wish.type !== undefined) {
    const names = types.map(({ name }) => name)
    return `the zone has no machine type "${wish.type}".${suggestNearest(wish.type, names)}`
  }
  const near = types
    .filter((type) => isChoosable(type))
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
