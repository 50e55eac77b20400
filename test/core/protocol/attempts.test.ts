import { expect, test } from 'vitest'
import { type Attempt, decideNext } from '../../../core/protocol/attempts.ts'
import type { ResultRecord, ResultState } from '../../../core/protocol/records.ts'

function attempt(number: number, state?: ResultState, began = true, jobAttempt = 1): Attempt {
  const result: ResultRecord | undefined = state && {
    schema: 1,
    nonce: 'n',
    by: 'machine',
    state,
    exitCode: state === 'succeeded' ? 0 : 1,
    message: '',
    began,
    steps: [],
    phases: [],
    outputs: [],
  }
  const record = { schema: 1 as const, nonce: 'n', number, instance: `mayfly-x-a${number}`, jobAttempt }
  return { record, created: 0, fresh: false, ...(result && { result }) }
}

const never = { jobAttempt: 1, retry: false }

test.each([
  ['a run without attempts opens the first', 1, [], never, 'open 1'],
  ['one that runs is followed', 1, [attempt(1)], never, 'follow 1'],
  ['one that is followed is not retried', 1, [attempt(1)], { jobAttempt: 2, retry: true }, 'follow 1'],
  ['a success is reported', 1, [attempt(1, 'succeeded')], never, 'report 1'],
  [
    'a success is reported to a job that runs again',
    1,
    [attempt(1, 'succeeded')],
    { jobAttempt: 2, retry: true },
    'report 1',
  ],
  ['a failure is reported', 1, [attempt(1, 'failed')], never, 'report 1'],
  ['a failure is never repeated by the budget', 5, [attempt(1, 'failed')], never, 'report 1'],
  [
    'a failure is repeated for a job that a person runs again',
    1,
    [attempt(1, 'failed')],
    { jobAttempt: 2, retry: false },
    'open 2',
  ],
  ['a failure is repeated when asked', 1, [attempt(1, 'failed')], { jobAttempt: 1, retry: true }, 'open 2'],
  [
    'a failure of this try of the job is reported',
    1,
    [attempt(1, 'failed', true, 2)],
    { jobAttempt: 2, retry: false },
    'report 1',
  ],
  ['a machine lost at work is final with one attempt', 1, [attempt(1, 'lost')], never, 'report 1'],
  ['a machine lost at work is replaced with two', 2, [attempt(1, 'lost')], never, 'open 2'],
  ['a preempted machine is replaced with two', 2, [attempt(1, 'preempted')], never, 'open 2'],
  ['two lost machines are final with two', 2, [attempt(1, 'lost'), attempt(2, 'lost')], never, 'report 2'],
  ['a machine that did not boot never counts', 1, [attempt(1, 'lost', false)], never, 'open 2'],
  [
    'machines that never boot come to an end',
    1,
    [attempt(1, 'lost', false), attempt(2, 'lost', false), attempt(3, 'lost', false)],
    never,
    'report 3',
  ],
  ['a cancelled run stays cancelled', 3, [attempt(1, 'cancelled')], never, 'report 1'],
  ['a timeout is not repeated', 3, [attempt(1, 'timed-out')], never, 'report 1'],
])('%s', (_, attempts, seen, wish, expected) => {
  const next = decideNext({ attempts }, seen, wish)
  expect(`${next.do} ${next.do === 'open' ? next.number : next.attempt.record.number}`).toBe(expected)
})
