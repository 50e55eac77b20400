import { expect, test } from 'vitest'
import { playSeeds } from '../../chaos/seeds.ts'
import { simulateSeed } from '../../chaos/simulation.ts'

test('2,000 stories of crashes, faults and outages break no promise', async () => {
  const tally = await playSeeds({ first: 0, count: 2000 })

  expect(tally.broken).toEqual([])
  expect(tally.seeds).toBe(2000)
  // They were not quiet ones.
  expect(tally.crashes).toBeGreaterThan(1000)
  expect(tally.injected).toBeGreaterThan(10_000)
})

test('a seed gives the same story again', async () => {
  for (const seed of [3, 14, 159]) {
    const [one, other] = [
      await simulateSeed(seed, { trace: true }),
      await simulateSeed(seed, { trace: true }),
    ]
    expect(one.history.trace?.length).toBeGreaterThan(5)
    expect(other.history.trace).toEqual(one.history.trace)
  }
})

test.each([3_010_252, 3_124_921, 3_169_033, 3_526_993])(
  'story %i, in which a late machine was given up while it was at work, breaks no promise',
  async (first) => {
    expect((await playSeeds({ first, count: 1 })).broken).toEqual([])
  },
)

test.each([10_000_077, 10_010_948])(
  'story %i, in which an image was in use only by a machine that the same sweep removed, leaves nothing',
  async (first) => {
    expect((await playSeeds({ first, count: 1 })).broken).toEqual([])
  },
)
