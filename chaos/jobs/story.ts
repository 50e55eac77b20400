import { runPath } from '../../core/depot.ts'
import { CloudError } from '../../core/errors.ts'
import type { RunRecord } from '../../core/protocol/records.ts'
import type { Objects } from '../../core/world.ts'
import { Actor } from '../actor.ts'
import { type Caller, interrupt } from '../callers.ts'
import { planFaults, planOutage } from '../faults.ts'
import { beginHistory, type History } from '../history.ts'
import { Network } from '../network.ts'
import { openObjects } from '../objects.ts'
import { between, pick, seedRandom } from '../random.ts'
import { Storage } from '../storage.ts'
import { Timeline } from '../timeline.ts'
import { Batch, type Trouble } from './batch.ts'
import { openBatch, perform } from './callers.ts'
import { type Cast, castStory, planRun } from './cast.ts'
import { bootTask, type TaskWork } from './guest.ts'

export interface Told {
  readonly history: History
  readonly run: RunRecord
  readonly path: string
  /** Machines that are there when all is over. */
  readonly left: readonly string[]
  readonly requests: number
  readonly injected: number
  readonly crashes: number
}

const calmMs = 30 * 60_000
const endMs = 6 * 3_600_000

interface JobOptions {
  readonly trace?: boolean
  /** Objects that machines do not see when they read, or overwrite when they create: a defence that is taken away. */
  readonly hidden?: { readonly from: 'read' | 'create'; readonly names: RegExp }
}

/** Plays a story of a job by chance, and asks for its run once more when all faults are over. */
export async function playJob(seed: number, { trace = false, hidden }: JobOptions = {}): Promise<Told> {
  const random = seedRandom(seed)
  const timeline = new Timeline()
  const begin = timeline.now
  const chance = (probability: number) => random() < probability
  const cast = castStory(random)
  const run = planRun(random)
  const history = beginHistory(trace)
  const outages = cast.flatMap(({ name }) => (chance(0.12) ? [planOutage(random, begin, name)] : []))
  if (chance(0.1)) outages.push(planOutage(random, begin))
  const rate = pick(random, [0, 0.02, 0.12])
  const network = new Network(
    timeline,
    random,
    planFaults(random, { rate, calm: begin + calmMs, outages }),
    history,
  )
  const storage = new Storage(timeline, history)
  const works: TaskWork[] = Array.from({ length: run.tasks?.count ?? 1 }, () => ({
    seconds: between(random, 1, 90),
    exitCode: pick(random, [0, 0, 0, 0, 3]),
  }))
  const troubled = pick(random, [0, 0.1, 0.4])
  const refused = chance(0.04)
  let programs = 0
  const batch = new Batch(timeline, random, {
    memoryMs: pick(random, [0, 60_000, 3_600_000]),
    refusalOf: () => (refused ? new CloudError('permission', 'batch.jobs.create', 'refused') : undefined),
    troubleOf: () =>
      random() < troubled && timeline.now < begin + calmMs
        ? {
            is: pick(random, [50001, 50002, 50003] as const satisfies Trouble[]),
            afterMs: between(random, 0, 90_000),
          }
        : undefined,
    start(program) {
      const actor = new Actor(timeline, `task program ${++programs}`)
      const all = openObjects(actor, network, storage, 1000)
      const objects = hidden === undefined ? all : hide(all, hidden)
      timeline.stir()
      return bootTask({ actor, objects, program, history, workOf: (index) => works[index] as TaskWork })
    },
  })

  const states = new Map<string, string>()
  const actors: Actor[] = []
  const start = (each: Cast) => {
    if (each.does === 'delete') return batch.remove(undefined)
    const actor = new Actor(timeline, each.name, each)
    actors.push(actor)
    const abort = new AbortController()
    const caller: Caller = {
      actor,
      objects: openObjects(actor, network, storage, 1000),
      compute: {} as Caller['compute'],
      history,
      signal: abort.signal,
      state: states,
      heard: [],
    }
    if (each.interruptedAfterMs !== undefined)
      actor.after(each.interruptedAfterMs, () => interrupt(caller, abort))
    timeline.stir()
    void perform(caller, each, run, openBatch(actor, network, batch, timeline))
  }
  for (const each of cast) timeline.after(each.atMs, () => start(each))

  const random_ = Math.random
  // As in chaos/simulation.ts: the only chance in core that is not given to it.
  Math.random = random
  try {
    await timeline.run(begin + endMs)
    for (const actor of actors) if (actor.alive) history.stuck.push(actor.name)
    timeline.now = Math.max(timeline.now, begin + endMs)
    start({ name: 'auditor', does: 'run', atMs: 0 })
    await timeline.run(timeline.now + endMs)
    if (actors.at(-1)?.alive) history.stuck.push('auditor')
  } finally {
    Math.random = random_
  }
  return {
    history,
    run,
    path: runPath(run.batch, run.id),
    left: batch.instances().map(({ name }) => name),
    requests: network.requests,
    injected: network.injected,
    crashes: actors.filter(({ crashed }) => crashed).length,
  }
}

function hide(objects: Objects, { from, names }: NonNullable<JobOptions['hidden']>): Objects {
  if (from === 'read')
    return { ...objects, read: async (name) => (names.test(name) ? undefined : objects.read(name)) }
  return {
    ...objects,
    create: (name, body, options) =>
      names.test(name) ? objects.put(name, body, options) : objects.create(name, body, options),
  }
}
