import { expect, test } from 'vitest'
import { mutantNames } from '../../chaos/mutants.ts'
import { playSeeds } from '../../chaos/seeds.ts'

/** What other defences make up for: the fence has to go with it before anything breaks. */
const covered = ['random-request-id', 'unknown-is-stockout']

/** A first seed that a mutant breaks, of those that `without` does not break; undefined when there is none. */
async function findBroken(mutant: string, without: string | undefined): Promise<number | undefined> {
  for (let first = 0; first < 1000; ) {
    const tally = await playSeeds({ first, count: 1000 - first, mutant, impatient: true })
    const seed = tally.broken[0]?.seed
    if (seed === undefined) return undefined
    const other = await playSeeds({ first: seed, count: 1, mutant: without })
    if (other.broken.length === 0) return seed
    first = seed + 1
  }
  return undefined
}

test.each(mutantNames.filter((name) => !covered.includes(name)))(
  'the checker notices %s within 1,000 seeds that the product passes',
  async (name) => {
    expect(await findBroken(name, undefined)).toBeDefined()
  },
)

test.each(covered)(
  'without the fence, the checker notices %s where it would not notice that alone',
  async (name) => {
    expect(await findBroken(`${name}+fence-lets-all`, 'fence-lets-all')).toBeDefined()
  },
)
