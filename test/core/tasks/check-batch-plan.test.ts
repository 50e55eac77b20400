import { expect, test } from 'vitest'
import { judgeBatch, type Limits } from '../../../core/tasks/check-batch/plan.ts'
import { reportChecks } from '../../../core/tasks/check-batch/report.ts'
import type { EndedRun } from '../../../core/tasks/check-batch/sight.ts'

const time = Date.UTC(2026, 10, 30)
const limits: Limits = { maxShrink: 0.5, history: 4, maxAgeSeconds: 3600 }

/** Successes of these sizes, the newest first and a minute apart. */
function judgeSizes(sizes: readonly number[], more: Partial<Limits> = {}) {
  const ended = sizes.map((bytes, index): EndedRun => {
    const opened = time - (index + 1) * 60_000
    const output = { name: 'model', path: 'model/', uri: 'gs://acme/x/', files: 1, bytes }
    const rest = { exitCode: 0, message: '', began: true, steps: [], phases: [] }
    const result = {
      schema: 1,
      nonce: '',
      by: 'machine',
      state: 'succeeded',
      ...rest,
      outputs: [output],
    } as const
    return {
      run: `runs/train/${index}`,
      number: 1,
      opened,
      result: { ...result, steps: [], phases: [], outputs: [output] },
    }
  })
  const [newest] = ended
  const success = newest && { success: { ...newest, ended: newest.opened, planned: ['model'], gone: [] } }
  return judgeBatch({ batch: 'train', ended, running: [], ...success }, { ...limits, ...more }, 'acme', time)
}

test.each<[string, readonly number[], Partial<Limits>, string | undefined]>([
  ['has nothing to compare with', [1], {}, undefined],
  ['is half of what is usual', [50, 100, 100, 100], {}, undefined],
  ['is a little less than half', [49, 100, 100, 100], {}, 'shrunk'],
  ['is less than half of what was usual long ago', [49, 60, 60, 60, 60, 900, 900], {}, undefined],
  ['is compared with the median: one outlier says nothing', [50, 100, 90, 9000], {}, undefined],
  ['is compared with the middle of an even number', [49, 40, 60, 140, 160], {}, 'shrunk'],
  ['may shrink to anything but nothing', [1, 9000], { maxShrink: 1 }, undefined],
  ['may not shrink at all', [99, 100], { maxShrink: 0 }, 'shrunk'],
  ['has grown', [900, 100], { maxShrink: 0 }, undefined],
  ['is empty', [0, 100], { maxShrink: 1 }, 'empty'],
  ['is empty, as ever', [0, 0, 0], {}, 'empty'],
])('an output that %s', (_, sizes, more, kind) => {
  expect(judgeSizes(sizes, more).troubles.map((trouble) => trouble.kind)).toEqual(
    kind === undefined ? [] : [kind],
  )
})

test('the age of a success may be just what it may be', () => {
  const kinds = (maxAgeSeconds: number) => judgeSizes([1], { maxAgeSeconds }).troubles.map(({ kind }) => kind)
  expect([kinds(60), kinds(59)]).toEqual([[], ['stale']])
})

test('a report says all of it in a table, and in one line for each trouble', () => {
  const well = judgeSizes([100, 100])
  const unwell = { ...judgeSizes([1, 1000], { maxAgeSeconds: 1 }), batch: 'score' }
  const plan = { bucket: 'acme', limits, time: '', findings: [] }
  expect(reportChecks([well], plan)).toMatchObject({
    exitCode: 0,
    lines: expect.arrayContaining(['✔ train is well']),
  })
  const report = reportChecks([well, unwell], plan)
  expect(report).toMatchObject({
    exitCode: 72,
    outputs: { unwell: 'score', running: '' },
    card: {
      facts: [
        ['score', expect.stringMatching(/^The newest success, .* old\.\nThe output model /)],
        ['train', 'newest success 1 m ago'],
      ],
    },
    failure: [
      'score: The newest success, runs/train/0, is 1 m old, and may be 1 s old.',
      'score: The output model of runs/train/0 has 1 B: 99.9 % less than the 1000 B that were usual.',
    ].join('\n'),
  })
  expect(report.lines).toEqual([
    '✘ 1 of 2 batches is not well: score',
    '',
    'BATCH  STATE     NEWEST SUCCESS  LAST RUN   GOING ON',
    'train  well      1 m ago         succeeded',
    'score  not well  1 m ago         succeeded',
  ])
  expect(report.summary).toContain('| score | not well | 1 m ago | succeeded |  |')
})
