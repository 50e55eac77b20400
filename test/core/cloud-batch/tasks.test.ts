import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRows } from '../../../core/batch/rows.ts'
import { Board } from '../../../core/cloud-batch/board.ts'
import type { End } from '../../../core/cloud-batch/ends.ts'
import { fillText } from '../../../core/cloud-batch/fill-task.ts'
import { judgeWaiting } from '../../../core/cloud-batch/judge.ts'
import { Progress } from '../../../core/cloud-batch/progress.ts'
import { readRanges, writeRanges } from '../../../core/cloud-batch/ranges.ts'

const lost = { state: 'lost', exitCode: 75, message: 'gone' } as const

function end(index: number, state: End['state'], more: Partial<End> = {}): End {
  const exitCode = state === 'succeeded' ? 0 : 9
  return { index, number: 1, endedMs: 0, state, exitCode, message: `${state} ${index}`, seconds: 2, ...more }
}

test('ranges come back as they went in', () => {
  expect(writeRanges([0, 1, 2, 3, 4, 7, 9, 10])).toBe('0-4,7,9-10')
  expect([...readRanges('')]).toEqual([])
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (numbers) => {
      const sorted = numbers.toSorted((a, b) => a - b)
      expect([...readRanges(writeRanges(sorted))]).toEqual(sorted)
    }),
  )
})

test('a table of rows: quotes, commas, line ends, empty values', () => {
  const source = '\uFEFFname,note\r\nada,"a, ""b""\nc"\r\n\r\nmax,\n'
  expect(readRows(source, 'rows.csv')).toEqual([
    { name: 'ada', note: 'a, "b"\nc' },
    { name: 'max', note: '' },
  ])
  expect(readRows('[{"name": "ada", "size": 1.10}]', 'rows.json')).toEqual([{ name: 'ada', size: '1.10' }])
  expect(readRows('- { name: ada }\n- { name: max }\n', 'rows.yaml')).toEqual([
    { name: 'ada' },
    { name: 'max' },
  ])
})

test.each([
  [
    'a value too many',
    'a,b\n1,2\n1,2,3\n',
    'rows.csv:3:1: expected 2 values, as many as the first line has names, got 3.',
  ],
  [
    'a value missing after a record of two lines',
    'a,b\n"1\n",2\n3\n',
    'rows.csv:4:1: expected 2 values, as many as the first line has names, got 1.',
  ],
  ['no rows', 'a,b\n', 'rows.csv:1:1: expected 1 to 100000 rows below the names, one for each task, got 0.'],
  ['a name twice', 'a,a\n1,2\n', 'rows.csv:1:1: two columns are called "a".'],
  ['a name that is none', 'a b\n1\n', /^rows\.csv:1:1: expected letters, digits and "_".*got "a b"\.$/],
  ['a quote in the middle', 'a\nx"y\n', /^rows\.csv:2:1: expected values with commas between them/],
])('%s is refused with its place', (_, source, message) => {
  expect(() => readRows(source, 'rows.csv')).toThrow(message)
})

test('rows of 100,000 tasks are read in no time worth a word', () => {
  const source = `name,size\n${Array.from({ length: 100_000 }, (_, index) => `n${index},${index}`).join('\n')}\n`
  expect(readRows(source, 'rows.csv').length).toBe(100_000)
})

test('a task fills its own names, and leaves what it does not know', () => {
  const task = { index: 3, count: 5, row: { name: '${{ task.index }}' } }
  expect(fillText('${{ task.index }}/${{task.count}} ${{ task.name }} ${{ task.other }}', task)).toBe(
    '3/5 ${{ task.index }} ${{ task.other }}',
  )
})

test('the board counts each task once, by its last try', () => {
  const board = new Board(5)
  expect(board.note(end(0, 'succeeded'))).toBe(false)
  expect(board.note(end(1, 'failed', { reason: 'user' }))).toBe(true)
  expect(board.note(end(1, 'failed', { reason: 'user' }))).toBe(false)
  expect(board.note(end(2, 'preempted'))).toBe(false)
  expect(board.note(end(2, 'succeeded', { number: 2 }))).toBe(false)
  expect(board.note(end(2, 'preempted'))).toBe(false)
  expect(board.note(end(3, 'lost'))).toBe(false)
  expect(board).toMatchObject({ succeeded: 2, failed: 1, open: 2 })
  expect([...board.listOpen()]).toEqual([3, 4])
  expect(board.tally(lost)).toEqual({
    count: 5,
    seconds: 10,
    classes: { succeeded: 2, user: 1, lost: 2 },
    unfinished: '1,3-4',
    failures: [
      { task: 1, state: 'failed', exitCode: 9, message: 'failed 1' },
      { task: 3, state: 'lost', exitCode: 9, message: 'lost 3' },
      { task: 4, state: 'lost', exitCode: 75, message: 'gone' },
    ],
  })
  expect(board.findWorst()?.index).toBe(1)
})

test('an attempt for some tasks begins with the others done', () => {
  const board = new Board(10, '2-3,9')
  expect(board).toMatchObject({ succeeded: 7, open: 3 })
  expect([...board.listOpen()]).toEqual([2, 3, 9])
})

test('of all failures, the run reports one of the worst kind with the lowest number', () => {
  const board = new Board(4)
  for (const each of [
    end(0, 'preempted'),
    end(1, 'timed-out'),
    end(3, 'failed', { reason: 'user' }),
    end(2, 'failed', { reason: 'outputs' }),
  ])
    board.note(each)
  expect(board.findWorst()?.index).toBe(3)
})

test('memory for 100,000 tasks is bytes, and messages are kept of some', () => {
  const board = new Board(100_000)
  for (let index = 0; index < 100_000; index++)
    board.note(end(index, 'failed', { reason: 'user', message: 'x'.repeat(400) }))
  const tally = board.tally(lost)
  expect(tally).toMatchObject({ classes: { user: 100_000 }, unfinished: '0-99999' })
  expect(tally.failures.length).toBe(50)
  expect(JSON.stringify(tally).length).toBeLessThan(30_000)
})

test('progress says how many, and when it will be done at this rate', () => {
  const board = new Board(100)
  const progress = new Progress(board, 0)
  expect(progress.describe(0, 1000)).toBe('0 of 100 tasks done, 0 running, 100 queued')
  for (let index = 0; index < 10; index++) board.note(end(index, index === 4 ? 'failed' : 'succeeded'))
  expect(progress.describe(5, 10_000)).toBe(
    '10 of 100 tasks done, 1 failed, 5 running, 85 queued; about 1 m 30 s to go',
  )
})

const quota = (limit: string) =>
  `VM in Managed Instance Group meets error: Batch Error: code - CODE_GCE_QUOTA_EXCEEDED, description - error count is 4, latest message example: Instance 'x' creation failed: Quota 'CPUS' exceeded.  Limit: ${limit} in region us-central1.`
const stockout =
  "VM in Managed Instance Group meets error: Batch Error: code - CODE_GCE_ZONE_RESOURCE_POOL_EXHAUSTED, description - error count is 1, latest message example: Instance 'x' creation failed: The zone does not have enough resources."

test.each([
  ['nothing told', ['Job state is set from QUEUED to SCHEDULED for job x.'], 9e9, undefined],
  ['a quota of nothing', [quota('0.0')], 0, { reason: 'quota', exitCode: 73 }],
  ['a quota that others have, at first', [quota('24.0')], 1000, undefined],
  ['a quota that others have, for too long', [quota('24.0')], 700_000, { reason: 'quota', exitCode: 73 }],
  [
    'a quota that delays the job',
    [
      'Quota checking process decided to delay scheduling for the job x due to inadequate quotas [Quota: CPUS, limit: 500, usage: 498, wanted: 8.].',
    ],
    700_000,
    { reason: 'quota', exitCode: 73 },
  ],
  ['a sold out zone, at first', [stockout], 1000, undefined],
  ['a sold out zone, for too long', [stockout], 700_000, { reason: 'stockout', exitCode: 69 }],
  [
    'an agent that says nothing',
    ['No Batch agent reported from x.'],
    700_000,
    { state: 'lost', exitCode: 75 },
  ],
])('a job that waits: %s', (_, events, waitedMs, verdict) => {
  const job = {
    id: 'x',
    location: 'us-central1',
    state: 'SCHEDULED',
    labels: {},
    counts: { PENDING: 3 },
    events,
  }
  const judged = judgeWaiting(job, waitedMs, 600_000)
  if (verdict === undefined) expect(judged).toBeUndefined()
  else expect(judged).toMatchObject(verdict)
})
