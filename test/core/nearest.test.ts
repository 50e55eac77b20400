import { expect, test } from 'vitest'
import { findNearest } from '../../core/nearest.ts'

const words = ['machine', 'timeout', 'attempts', 'steps', 'outputs', 'env']

test.each([
  ['machien', 'machine'],
  ['time_out', 'timeout'],
  ['setps', 'steps'],
  ['Outputs', 'outputs'],
  ['evn', 'env'],
  ['kubernetes', undefined],
  ['', undefined],
])('%s → %s', (word, nearest) => {
  expect(findNearest(word, words)).toBe(nearest)
})
