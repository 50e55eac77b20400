import type { MachineType } from '../world.ts'
import type { MachineWish } from './batch.ts'
import { chooseMachineType, listSiblings } from './sizing.ts'

/** A machine type that is asked for, in the zones that offer it. */
export interface Choice {
  readonly type: string
  readonly zones: readonly string[]
}

/** What a zone offers. */
export interface Offer {
  readonly zone: string
  readonly types: readonly MachineType[]
}

type Wish = Pick<MachineWish, 'types' | 'cpus' | 'memoryMb' | 'zones'>

/** Whether it takes a look at the zones' offers to choose: one type by name is asked for as it is. */
export function needsOffers({ types }: Pick<MachineWish, 'types'>): boolean {
  return types?.length !== 1
}

/**
 * The machine types of a wish in the order in which they are asked for: those named, or the smallest that fits the
 * first zone and then its siblings. Throws an InputError; `where` is the wish's place.
 */
export function chooseTypes(wish: Wish, offers: readonly Offer[], where: string): readonly Choice[] {
  const { types = [], zones } = wish
  const [only] = types
  if (only !== undefined && types.length === 1) return [{ type: only, zones }]
  const all = [...new Map(offers.flatMap((offer) => offer.types.map((type) => [type.name, type]))).values()]
  const chosen =
    types.length > 0
      ? types.map((type) => chooseMachineType({ type }, all, where))
      : chooseWithSiblings(wish, offers[0]?.types ?? [], all, where)
  return chosen.map(({ name }) => ({
    type: name,
    zones: offers.filter((offer) => offer.types.some((type) => type.name === name)).map(({ zone }) => zone),
  }))
}

function chooseWithSiblings(
  wish: Wish,
  first: readonly MachineType[],
  all: readonly MachineType[],
  where: string,
): readonly MachineType[] {
  const chosen = chooseMachineType(wish, first, where)
  return [chosen, ...listSiblings(chosen, wish, all)]
}
