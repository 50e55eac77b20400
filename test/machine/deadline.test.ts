import { expect, test, vi } from 'vitest'
import { Deadline, planDeadline, startTimer } from '../../machine/deadline.ts'

const entered = Date.UTC(2026, 10, 1)
const seconds = entered / 1000

test.each([
  ['two hours leave two minutes for the end', 7200, seconds + 7200, { stopMs: 7_080_000, endMs: 7_190_000 }],
  ['a short run leaves a quarter', 60, seconds + 60, { stopMs: 45_000, endMs: 56_250 }],
  ['time that the boot took is gone', 7200, seconds + 7000, { stopMs: 6_880_000, endMs: 6_990_000 }],
  ['a deadline that has passed leaves nothing', 60, seconds - 5, { stopMs: 0, endMs: 0 }],
  ['a fence without a time does not make it longer', 60, seconds * 2, { stopMs: 45_000, endMs: 56_250 }],
])('%s', (_, timeout, deadline, expected) => {
  expect(planDeadline(timeout, deadline, entered)).toEqual(expected)
})

test('the first reason to stop is the one that counts, and a last word has twenty seconds', () => {
  vi.useFakeTimers()
  const deadline = new Deadline()
  deadline.start({ stopMs: 1000, endMs: 60_000 })
  vi.advanceTimersByTime(1000)
  expect(deadline.reason).toBe('deadline')
  deadline.abandon('preempted')
  expect([deadline.reason, deadline.abandoned]).toEqual(['deadline', 'preempted'])
  vi.advanceTimersByTime(19_999)
  expect(deadline.end.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(deadline.end.aborted).toBe(true)
  deadline.clear()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a timer of 120 days is not one of a millisecond', () => {
  vi.useFakeTimers()
  let rang = false
  const days = 24 * 60 * 60 * 1000
  using _ = startTimer(120 * days, () => {
    rang = true
  })
  vi.advanceTimersByTime(120 * days - 1)
  expect(rang).toBe(false)
  vi.advanceTimersByTime(1)
  expect(rang).toBe(true)
  vi.useRealTimers()
})
