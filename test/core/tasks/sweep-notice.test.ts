import { expect, test } from 'vitest'
import { describeSweep } from '../../../core/tasks/sweep/notice.ts'
import type { Removal } from '../../../core/tasks/sweep/removal.ts'

test('a sweep is news when it removed something, or could not', () => {
  const context = { by: 'drone', jobAttempt: 1 }
  expect(describeSweep('acme', [], context)).toBeUndefined()
  const machines = ['m-1', 'm-2'].map(
    (name): Removal => ({
      kind: 'machine',
      id: '1',
      name,
      zone: 'us-central1-a',
      overdueSeconds: 1,
      gone: true,
    }),
  )
  const disk: Removal = {
    kind: 'disk',
    id: '2',
    name: 'd-1',
    zone: 'us-central1-b',
    overdueSeconds: 1,
    gone: false,
    why: 'a role is missing',
  }
  expect(describeSweep('acme', [...machines, disk], context)).toMatchObject({
    title: '⚠ Sweep of acme: removed 2 machines, could not remove 1 disk',
    detail: 'The disk d-1 in us-central1-b is still there: a role is missing',
    facts: [['Removed machines', 'm-1\nm-2']],
  })
})
