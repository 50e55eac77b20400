import { expect, test } from 'vitest'
import { taskObjects } from '../../../core/cloud-batch/depot.ts'
import { readStop } from '../../../core/cloud-batch/stop.ts'
import { openTry } from '../../../core/cloud-batch/tries.ts'
import { CancelledError, CloudError, ConflictError } from '../../../core/errors.ts'
import { claimRun } from '../../../core/protocol/claim.ts'
import { attendRun } from '../../../core/tasks/run-batch/attend.ts'
import { begin, finish, path, setUpJob } from './virtual-jobs.ts'

const wish = { jobAttempt: 1, retry: false, wait: true }

type World = ReturnType<typeof setUpJob>

async function attend(world: World, more: Partial<typeof wish> = {}) {
  const run = { ...world.run, nonce: crypto.randomUUID() }
  return attendRun(world, await claimRun(world.objects, run), { ...wish, ...more })
}

const failed = { state: 'failed', reason: 'user', exitCode: 9, message: 'Step "a" failed.' } as const

test('10,000 tasks: every end is counted, with one list a second at most, and as many late as early', async () => {
  const world = setUpJob(10_000)
  const begun = world.clock.now()
  for (let index = 0; index < 10_000; index++)
    world.clock.after(20_000 + index * 100, () => void finish(world, index, index % 1000 === 7 ? failed : {}))
  const { result } = await attend(world)
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'user',
    exitCode: 9,
    tasks: {
      count: 10_000,
      classes: { succeeded: 9990, user: 10 },
      unfinished: expect.stringMatching(/^7,1007,2007,/),
    },
  })
  const seconds = (world.clock.now() - begun) / 1000
  expect(seconds).toBeGreaterThan(1000)
  const { lists } = world
  for (const [at, time] of lists.slice(1).entries())
    expect(time - (lists[at] ?? 0)).toBeGreaterThanOrEqual(1000)
  const early = lists.filter((time) => time < begun + 400_000).length
  const late = lists.filter((time) => time > begun + 600_000).length
  expect(late).toBeLessThanOrEqual(early)
  // A look at the job, and one at the result, every five seconds.
  expect(world.jobs.calls).toBeLessThan(seconds / 5 + 10)
  expect(world.log.said.filter((line) => line.startsWith('warn Task')).length).toBe(10)
})

test('an end that is listed long after its time is found all the same', async () => {
  const world = setUpJob(3)
  const { clock } = world
  const then = clock.now()
  clock.after(200_000, () => void finish(world, 0))
  clock.after(210_000, () => void finish(world, 1))
  clock.after(400_000, () => void finish(world, 2, {}, { endedMs: then + 300_000 }))
  expect((await attend(world)).result).toMatchObject({ state: 'succeeded' })
  expect(clock.now() - then).toBeLessThan(500_000)
})

test('a creation whose answer is lost is looked after: there is one job', async () => {
  const world = setUpJob(1)
  world.jobs.lose = () => new CloudError('unknown', 'batch.jobs.create', 'no answer')
  world.clock.after(10_000, () => void finish(world, 0))
  expect((await attend(world)).result).toMatchObject({ state: 'succeeded' })
  expect(world.jobs.created.length).toBe(1)
})

test('a creation that had no effect is asked for again, under its request id', async () => {
  const world = setUpJob(1)
  const asked: string[] = []
  let tries = 0
  const { create } = world.jobs
  world.jobs.create = (spec) => {
    asked.push(spec.requestId)
    if (++tries < 3) throw new CloudError('unknown', 'batch.jobs.create', 'no answer')
    return create.call(world.jobs, spec)
  }
  world.clock.after(60_000, () => void finish(world, 0))
  expect((await attend(world)).result).toMatchObject({ state: 'succeeded' })
  expect(new Set(asked).size).toBe(1)
})

test.each([
  ['permission', 77, 'permission'],
  ['quota', 73, 'quota'],
  ['invalid', 64, 'bad-input'],
] as const)(
  'a creation that is refused (%s) ends the run, and no task may begin',
  async (failure, exitCode, reason) => {
    const world = setUpJob(4)
    world.jobs.refuse = () => new CloudError(failure, 'batch.jobs.create', 'refused')
    expect((await attend(world)).result).toMatchObject({
      state: 'failed',
      reason,
      exitCode,
      tasks: { classes: { [reason]: 4 }, unfinished: '0-3' },
    })
    expect(await readStop(world.objects, path, 1)).toMatchObject({ state: 'failed' })
  },
)

test("another's job of our name is a conflict", async () => {
  const world = setUpJob(1)
  const { create } = world.jobs
  world.jobs.create = async (spec) => {
    await create.call(world.jobs, spec)
    const job = world.jobs.jobs.get(spec.id)
    if (job) world.jobs.jobs.set(spec.id, { ...job, labels: {} })
    throw new CloudError('exists', 'batch.jobs.create', 'exists')
  }
  await expect(attend(world)).rejects.toThrow(ConflictError)
})

test('a job that is gone: what has ended counts, what had begun is lost, and what had not never will', async () => {
  const world = setUpJob(4)
  await begin(world, 0)
  await begin(world, 1)
  await begin(world, 2)
  await finish(world, 0)
  await finish(world, 1, failed, { listed: false })
  world.clock.after(20_000, () => world.jobs.jobs.clear())
  const { result } = await attend(world)
  expect(result).toMatchObject({
    state: 'failed',
    exitCode: 9,
    tasks: { classes: { succeeded: 1, user: 1, lost: 2 }, unfinished: '1-3' },
  })
  expect(result?.message).toMatch(/^3 of 4 tasks did not succeed \(1-3\)/)
  expect(await readStop(world.objects, path, 1)).toMatchObject({ state: 'lost' })
  const late = await openTry(world.objects, taskObjects.task(path, 1, 2), 3)
  expect(late).toMatchObject({ is: 'open', number: 2 })
})

test('a job that ends with a task that never began says its last word', async () => {
  const world = setUpJob(1)
  world.clock.after(20_000, () => {
    const [job] = world.jobs.jobs.values()
    if (job)
      world.jobs.jobs.set(job.id, { ...job, state: 'FAILED', events: ['Job is failed because of this.'] })
  })
  expect((await attend(world)).result).toMatchObject({
    state: 'lost',
    exitCode: 75,
    message: expect.stringMatching(/came to its end \(FAILED\).*because of this/),
  })
})

test('two who follow the same run report the same, also when one of them is stopped', async () => {
  const world = setUpJob(20)
  for (let index = 0; index < 10; index++) world.clock.after(1000 * index, () => void finish(world, index))
  world.clock.after(30_000, () => world.controller.abort(new CancelledError('SIGINT')))
  const first = await attend(world)
  expect(first.result).toMatchObject({ state: 'cancelled', exitCode: 130, tasks: { unfinished: '10-19' } })
  const other = { ...world, signal: new AbortController().signal }
  const second = await attend({ ...other, job: { ...world.job, signal: other.signal } } as World)
  expect(second.result).toEqual(first.result)
})

test('whoever comes after a controller that died makes the job that it did not make, and it is the same one', async () => {
  const world = setUpJob(1)
  const asked: string[] = []
  const { create } = world.jobs
  world.jobs.create = async (spec) => {
    asked.push(JSON.stringify(spec))
    if (asked.length === 1) throw new Error('the controller dies here')
    return create.call(world.jobs, spec)
  }
  await expect(attend(world)).rejects.toThrow('dies here')
  world.clock.time += 60_000
  world.clock.after(10_000, () => void finish(world, 0))
  expect((await attend(world)).result).toMatchObject({ state: 'succeeded' })
  expect(asked[1]).toBe(asked[0])
})

test('a controller that dies while 500 tasks run: the next one makes nothing, and every task counts once', async () => {
  const world = setUpJob(1000, { tasks: { count: 1000, parallelism: 500 } })
  const { clock, jobs } = world
  for (let index = 0; index < 500; index++) await begin(world, index)
  for (let index = 0; index < 250; index++) clock.after(30_000, () => void finish(world, index))
  const { job } = jobs
  jobs.job = async (...call) => {
    if (clock.now() - dying > 60_000) throw new Error('the controller dies here')
    return job.call(jobs, ...call)
  }
  const dying = clock.now()
  await expect(attend(world)).rejects.toThrow('dies here')

  jobs.job = job
  // Ends that nobody follows, and ends after that.
  for (let index = 250; index < 500; index++) await finish(world, index, index === 300 ? failed : {})
  for (let index = 500; index < 1000; index++) clock.after(60_000 + index, () => void finish(world, index))
  const { result, attempt } = await attend(world)
  expect(attempt.record.number).toBe(1)
  expect(result).toMatchObject({
    exitCode: 9,
    tasks: { count: 1000, classes: { succeeded: 999, user: 1 }, unfinished: '300' },
  })
  expect(jobs.created.length).toBe(1)
})

test('a retry is for the tasks that did not succeed, and the run then says how all stand', async () => {
  const world = setUpJob(4)
  for (const index of [0, 1, 2])
    world.clock.after(5000, () => void finish(world, index, index === 1 ? failed : {}))
  world.clock.after(20_000, () => world.jobs.jobs.clear())
  expect((await attend(world)).result).toMatchObject({ tasks: { unfinished: '1,3' } })

  world.clock.after(5000, () => {
    void finish(world, 1, {}, { attempt: 2 })
    void finish(world, 3, {}, { attempt: 2 })
  })
  const again = await attend(world, { retry: true })
  expect(again.attempt.record).toMatchObject({ number: 2, tasks: '1,3' })
  expect(again.result).toMatchObject({ state: 'succeeded', tasks: { count: 4, classes: { succeeded: 4 } } })
  expect(world.jobs.created[1]?.job).toMatchObject({ taskGroups: [{ taskCount: '2' }] })
})

test('a machine that is left when the job is over is waited for, and told of when it stays', async () => {
  const world = setUpJob(1)
  world.clock.after(1000, () => void finish(world, 0))
  world.machines.push({ name: 'vm-1', id: '1', zone: 'us-central1-a', status: 'RUNNING', labels: {} })
  const { departure } = await attend(world)
  expect(departure).toMatchObject({ gone: false, machine: { name: 'vm-1' } })
})

test.each([
  ['a task that nobody has begun', [], 1, { is: 'open', number: 1 }],
  ['one that succeeded and was not heard of', ['succeeded'], 3, { is: 'over', number: 1 }],
  ['one that failed by itself', ['failed'], 3, { is: 'over', number: 1 }],
  ['one whose machine was taken', ['preempted'], 2, { is: 'open', number: 2 }],
  ['one whose machine was taken, with no attempts left', ['preempted'], 1, { is: 'over', number: 1 }],
  ['one that goes on elsewhere', ['begun'], 2, { is: 'open', number: 2 }],
  ['one that goes on elsewhere, with no attempts left', ['begun'], 1, { is: 'over', number: 1 }],
  ['the third of three', ['lost', 'preempted'], 3, { is: 'open', number: 3 }],
] as const)('one more try of %s', async (_, tries, attempts, opening) => {
  const world = setUpJob(1)
  for (const [at, state] of tries.entries()) {
    await begin(world, 0, at + 1)
    if (state !== 'begun') await finish(world, 0, { state }, { number: at + 1 })
  }
  const task = taskObjects.task(path, 1, 0)
  expect(await openTry(world.objects, task, attempts)).toMatchObject(opening)
  // Asked for twice, as when two machines are given the task: the answer is the same.
  expect(await openTry(world.objects, task, attempts)).toMatchObject(opening)
})
