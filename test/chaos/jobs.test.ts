import { expect, test } from 'vitest'
import { checkJob } from '../../chaos/jobs/check.ts'
import { playJob } from '../../chaos/jobs/story.ts'

test('1,500 stories of jobs: tasks preempted, lost, rebooted, deleted; controllers killed and doubled; no promise broken', async () => {
  const broken = []
  const total = { crashes: 0, injected: 0, works: 0 }
  for (let seed = 0; seed < 1500; seed++) {
    const told = await playJob(seed)
    const violations = checkJob(told)
    if (violations.length > 0) broken.push({ seed, violations })
    total.crashes += told.crashes
    total.injected += told.injected
    total.works += told.history.works.length
  }
  expect(broken).toEqual([])
  // They were not quiet ones.
  expect(total.crashes).toBeGreaterThan(500)
  expect(total.injected).toBeGreaterThan(5000)
  expect(total.works).toBeGreaterThan(4000)
})

test('a story of a job is the same again', async () => {
  const [one, other] = [await playJob(42, { trace: true }), await playJob(42, { trace: true })]
  expect(one.history.trace?.length).toBeGreaterThan(5)
  expect(other.history.trace).toEqual(one.history.trace)
})

test.each([
  ['whether their run was stopped', { from: 'read', names: /\/stopped\.json$/ }, 'J4 late'],
  ['who has entered the fence', { from: 'create', names: /\/started\.json$/ }, 'J2 starts'],
] as const)(
  'a defence that is taken away is missed: machines that do not look %s',
  async (_, hidden, invariant) => {
    const broken = new Set<string>()
    for (let seed = 0; seed < 2000 && !broken.has(invariant); seed++)
      for (const violation of checkJob(await playJob(seed, { hidden }))) broken.add(violation.invariant)
    expect(broken).toContain(invariant)
  },
)
