import { expect, test } from 'vitest'
import { defaultRetry, planPause } from '../../core/retry.ts'

const policy = { baseMs: 500, capMs: 30_000, budgetMs: 60_000 }

test.each([
  { tries: 1, longest: 500 },
  { tries: 2, longest: 1_000 },
  { tries: 6, longest: 16_000 },
  { tries: 7, longest: 30_000 },
  { tries: 40, longest: 30_000 },
])('after try $tries the pause lies between 0 and $longest ms', ({ tries, longest }) => {
  expect(planPause(policy, { tries, elapsedMs: 0 }, () => 0)).toBe(0)
  expect(planPause(policy, { tries, elapsedMs: 0 }, () => 0.5)).toBe(longest / 2)
  expect(planPause(policy, { tries, elapsedMs: 0 }, () => 1)).toBe(longest)
})

test('no pause leads past the end of the budget', () => {
  expect(planPause(policy, { tries: 7, elapsedMs: 30_000 }, () => 1)).toBe(30_000)
  expect(planPause(policy, { tries: 7, elapsedMs: 30_001 }, () => 1)).toBeUndefined()
  expect(planPause(policy, { tries: 7, elapsedMs: 60_001 }, () => 0)).toBeUndefined()
})

test('the default goes on for longer than a limit per minute takes to refill', () => {
  let elapsedMs = 0
  let tries = 1
  for (; ; tries++) {
    const pause = planPause(defaultRetry, { tries, elapsedMs }, () => 1)
    if (pause === undefined) break
    elapsedMs += pause
  }
  expect(elapsedMs).toBeGreaterThan(120_000)
  expect(tries).toBeLessThan(20)
})
