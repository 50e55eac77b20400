import { expect, test } from 'vitest'
import { recentObject } from '../../../core/depot.ts'
import { judgeBatch } from '../../../core/tasks/check-batch/plan.ts'
import { lookAt } from '../../../core/tasks/check-batch/sight.ts'
import { type Story, setDepot } from './check-batch-depot.ts'

const limits = { maxAgeSeconds: 26 * 3600, maxShrink: 0.5, history: 3 }
type Depot = Awaited<ReturnType<typeof setDepot>>

async function judge({ objects, time }: Depot, batch = 'train') {
  return judgeBatch(await lookAt(objects, batch, limits.history), limits, 'acme', time)
}

const kindsOf = ({ troubles }: Awaited<ReturnType<typeof judge>>) =>
  troubles.map(({ kind, output }) => (output === undefined ? kind : `${kind} ${output}`))

test.each<[string, readonly Story[], readonly string[]]>([
  [
    'succeeds daily',
    [
      { id: 'b', hours: 25, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 1, state: 'succeeded', bytes: 9 },
    ],
    [],
  ],
  ['was never asked for', [], ['never']],
  ['has only failed', [{ id: 'a', hours: 1, state: 'failed' }], ['never', 'failed']],
  ['has its first run going on', [{ id: 'a', hours: 0.5 }], ['never']],
  ['has not succeeded for long', [{ id: 'a', hours: 27, state: 'succeeded', bytes: 9 }], ['stale']],
  [
    'failed last',
    [
      { id: 'z', hours: 2, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 1, state: 'timed-out' },
    ],
    ['failed'],
  ],
  [
    'was cancelled last, after a success',
    [
      { id: 'z', hours: 2, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 1, state: 'cancelled' },
    ],
    [],
  ],
  [
    'lost a machine, and had another one for the same run',
    [
      { id: 'a', hours: 3, state: 'lost' },
      { id: 'a', attempt: 2, hours: 2, state: 'succeeded', bytes: 9 },
    ],
    [],
  ],
  [
    'has just lost a machine, in whose place another may come',
    [
      { id: 'z', hours: 2, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 0.2, state: 'preempted' },
    ],
    [],
  ],
  [
    'has lost a machine for good',
    [
      { id: 'z', hours: 2, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 0.3, state: 'preempted' },
    ],
    ['failed'],
  ],
  [
    'has a run whose machine should be gone',
    [
      { id: 'z', hours: 3, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 1.5 },
    ],
    ['overdue'],
  ],
  [
    'has an entry whose opener died',
    [
      { id: 'z', hours: 3, state: 'succeeded', bytes: 9 },
      { id: 'a', hours: 2, without: ['attempt', 'started'] },
    ],
    [],
  ],
  [
    'has lost an output since',
    [{ id: 'a', hours: 1, state: 'succeeded', bytes: 9, without: ['model'] }],
    ['missing model'],
  ],
  ['succeeded without an output', [{ id: 'a', hours: 1, state: 'succeeded' }], ['missing model']],
])('a batch that %s', async (_, stories, troubles) => {
  await using depot = await setDepot()
  for (const story of stories) await depot.add(story)
  expect(kindsOf(await judge(depot))).toEqual(troubles)
  expect(depot.google.unknown()).toEqual([])
})

test('what is told of a batch: its newest success with what is usual, its last run, and what is going on', async () => {
  await using depot = await setDepot()
  const sizes = [1, 100, 200, 90, 120]
  for (const [at, bytes] of sizes.entries())
    await depot.add({ id: `${at}`, hours: 100 - at * 24, state: 'succeeded', bytes })
  await depot.add({ id: 'f', hours: 2, state: 'failed' })
  await depot.add({ id: 'r', hours: 0.5 })

  expect(await judge(depot)).toMatchObject({
    success: {
      run: 'runs/train/4',
      ageSeconds: 4 * 3600,
      outputs: [{ name: 'model', bytes: 120, median: 100 }],
    },
    last: { run: 'runs/train/f', state: 'failed', exitCode: 3 },
    running: [{ run: 'runs/train/r', by: 'github ada', seconds: 1800 }],
  })
})

test('a batch whose record nobody understands is not well, and no other is the worse for it', async () => {
  await using depot = await setDepot()
  await depot.add({ id: 'a', hours: 1, state: 'succeeded', bytes: 9 })
  await depot.add({ batch: 'other', id: 'a', hours: 1, state: 'succeeded', bytes: 9 })
  await depot.objects.put('runs/train/a/a1/result.json', '{"schema":9}')
  expect(await judge(depot)).toMatchObject({
    troubles: [{ kind: 'unreadable', message: expect.stringMatching(/^runs\/train\/a\/a1\/result.json: /) }],
  })
  expect(kindsOf(await judge(depot, 'other'))).toEqual([])
})

test('two clocks may differ: the last attempt of a run counts, wherever its entry lies', async () => {
  await using depot = await setDepot()
  await depot.add({ id: 'a', hours: 3, state: 'lost' })
  await depot.add({ id: 'a', attempt: 2, hours: 3.001, state: 'succeeded', bytes: 9 })
  expect(kindsOf(await judge(depot))).toEqual([])
})

test('the calls are as many with sixty runs and their logs as with twenty', async () => {
  const count = async (runs: number) => {
    await using depot = await setDepot()
    for (let at = 0; at < runs; at++)
      await depot.add({ id: `${(at * 37) % runs}`, hours: runs - at, state: 'succeeded', bytes: 9, logs: 3 })
    const before = depot.google.requests().length
    expect(kindsOf(await judge(depot))).toEqual([])
    return depot.google
      .requests()
      .slice(before)
      .map(({ name }) => name)
      .sort()
  }
  const few = await count(20)
  expect(await count(60)).toEqual(few)
  expect(few.filter((name) => name === 'storage.objects.list')).toHaveLength(2)
})

test('an object that is no entry is passed over', async () => {
  await using depot = await setDepot()
  await depot.add({ id: 'a', hours: 1, state: 'succeeded', bytes: 9 })
  await depot.objects.put('recent/train/README', 'by hand')
  await depot.objects.put(recentObject('train', 'of-no-run', 1, depot.time), '')
  expect(kindsOf(await judge(depot))).toEqual([])
})
