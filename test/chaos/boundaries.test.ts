import { expect, test } from 'vitest'
import { listTroubles, playTrouble } from '../../chaos/boundaries.ts'

// All pairs: npm run chaos -- --boundaries
test.each([
  { does: 'run', everyPair: 80 },
  { does: 'upload', everyPair: 1 },
  { does: 'build', everyPair: 800 },
  { does: 'job', everyPair: 20 },
] as const)(
  '$does: no crash at any boundary, no fault of any request, and no pair of those breaks a promise',
  async ({ does, everyPair }) => {
    const troubles = await listTroubles(does)
    const chosen = troubles.filter(
      ({ crashAt, fault }, index) => crashAt === undefined || fault === undefined || index % everyPair === 0,
    )
    expect(chosen.length).toBeGreaterThan(100)

    const broken = []
    for (const trouble of chosen) {
      const violations = await playTrouble(does, trouble)
      if (violations.length > 0) broken.push({ trouble, violations })
    }
    expect(broken).toEqual([])
  },
)
