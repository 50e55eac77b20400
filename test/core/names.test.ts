import { expect, test } from 'vitest'
import { deriveRequestId, deriveRunId, labelInstance, nameInstance } from '../../core/names.ts'

const instanceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/

test.each([
  ['a', 1],
  ['train-recommender', 2],
  ['a-batch-with-the-longest-name-there-is-xx', 99],
])('the instance of batch %s is named as Compute Engine wants', (batch, attempt) => {
  expect(nameInstance(batch, deriveRunId('key'), attempt)).toMatch(instanceName)
})

test('names follow from the key alone', () => {
  expect(deriveRunId('daily-2026-11-01')).toBe(deriveRunId('daily-2026-11-01'))
  expect(deriveRunId('daily-2026-11-01')).not.toBe(deriveRunId('daily-2026-11-02'))
})

test('labels keep to the letters that Google allows', () => {
  const labels = labelInstance({ batch: 'train', id: deriveRunId('k') }, 1, 1_795_500_000)
  for (const [key, value] of Object.entries(labels)) {
    expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/)
    expect(value).toMatch(/^[a-z0-9_-]{0,63}$/)
  }
})

test('a request id is a version 5 UUID that depends on every part', () => {
  const id = deriveRequestId('runs/train/0a', 1, 'us-central1-a', 'insert')
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(deriveRequestId('runs/train/0a', 1, 'us-central1-a', 'insert')).toBe(id)
  expect(deriveRequestId('runs/train/0a', 1, 'us-central1-b', 'insert')).not.toBe(id)
})
