import { runPath } from '../../core/depot.ts'
import { CloudError } from '../../core/errors.ts'
import { deriveRunId } from '../../core/names.ts'
import type { RunRecord } from '../../core/protocol/records.ts'
import { finishBatch } from '../../core/tasks/run-batch/finish.ts'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { runOnce } from '../../core/tasks/run-batch/task.ts'
import { cancelRun } from '../../core/tasks/runs/cancel.ts'
import type { BatchJobs, Fleet, Objects, World } from '../../core/world.ts'
import { Actor } from '../actor.ts'
import { type Answer, type Caller, hear, interrupt, openSession, place } from '../callers.ts'
import { planFaults, planOutage } from '../faults.ts'
import { beginHistory, type History } from '../history.ts'
import { ignoreAbsence, Network } from '../network.ts'
import { openObjects } from '../objects.ts'
import { between, pick, type Random, seedRandom } from '../random.ts'
import { Storage } from '../storage.ts'
import { Timeline } from '../timeline.ts'
import { Batch, type Trouble } from './batch.ts'
import { bootTask, type TaskWork } from './guest.ts'

/** Someone in the story. */
interface Cast {
  readonly name: string
  readonly does: 'run' | 'finish' | 'cancel' | 'delete'
  readonly atMs: number
  readonly crashAt?: number
  readonly retry?: boolean
  readonly jobAttempt?: number
  readonly interruptedAfterMs?: number
}

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

const key = 'github/acme/recommender/1/score'
const path = runPath('score', deriveRunId(key))

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
    path,
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

function castStory(random: Random): readonly Cast[] {
  const chance = (probability: number) => random() < probability
  const crash = (probability: number) =>
    chance(probability) ? { crashAt: Math.floor(between(random, 0, pick(random, [20, 60, 200]))) } : {}
  const first = crash(0.6)
  const interrupted = chance(0.15) ? { interruptedAfterMs: between(random, 0, 240_000) } : {}
  const cast: Cast[] = [{ name: 'controller', does: 'run', atMs: 0, ...first, ...interrupted }]
  if (chance(0.25))
    cast.push({ name: 'double', does: 'run', atMs: between(random, 0, 300_000), ...crash(0.3) })
  if ('crashAt' in first && chance(0.7))
    cast.push({
      name: 'successor',
      does: 'run',
      atMs: between(random, 1000, 900_000),
      jobAttempt: pick(random, [1, 1, 2]),
      ...crash(0.3),
    })
  if (chance(0.2))
    cast.push({
      name: 'retrier',
      does: 'run',
      atMs: between(random, 60_000, 1_200_000),
      retry: true,
      ...crash(0.2),
    })
  if ('interruptedAfterMs' in interrupted && chance(0.5))
    cast.push({ name: 'post step', does: 'finish', atMs: between(random, 5000, 400_000) })
  if (chance(0.1))
    cast.push({ name: 'person', does: 'cancel', atMs: between(random, 1000, 400_000), ...crash(0.2) })
  if (chance(0.08)) cast.push({ name: 'vandal', does: 'delete', atMs: between(random, 1000, 400_000) })
  return cast
}

function planRun(random: Random): RunRecord {
  const count = pick(random, [1, 2, 4, 7])
  return {
    schema: 1,
    nonce: '',
    key,
    id: deriveRunId(key),
    batch: 'score',
    inputsDigest: 'd',
    by: '',
    image: { name: 'ml-batch-v1', id: '1', selfLink: 'projects/acme/global/images/ml-batch-v1' },
    machine: { type: 'e2-small', zones: ['us-central1-a', 'us-central1-b'], spot: true, externalIp: true },
    timeoutSeconds: pick(random, [60, 300]),
    attempts: pick(random, [1, 1, 2, 3]),
    params: {},
    env: {},
    steps: [{ name: 'train', run: 'true', env: {}, retries: 0, if: 'success' }],
    outputs: [],
    engine: 'cloud-batch',
    tasks: { count, parallelism: pick(random, [1, 2, count]) },
    agent: 'f'.repeat(64),
  }
}

function openBatch(
  actor: Actor,
  network: Network,
  batch: Batch,
  timeline: Timeline,
): Pick<World, 'batchJobs' | 'fleet' | 'compute'> {
  const send = <T>(service: 'reads' | 'changes', method: string, about: string, act: () => T) =>
    network.send(actor, { service, method, about, act })
  const jobs: BatchJobs = {
    create: (spec) => send('changes', 'create job', spec.id, () => batch.create(spec)),
    job: (_, id) => send('reads', 'get job', id, () => batch.find(id)),
    cancel: (_, id) => send('changes', 'cancel job', id, () => batch.cancel(id)).catch(ignoreAbsence),
    list: async () => [],
  }
  const fleet = {
    instances: () =>
      send('reads', 'list instances', '', () => ({
        items: batch.instances(),
        unseenZones: [],
        time: timeline.now,
      })),
  } as Partial<Fleet> as Fleet
  const compute = {} as Awaited<ReturnType<World['compute']>>
  return { batchJobs: async () => jobs, fleet: async () => fleet, compute: async () => compute }
}

function perform(caller: Caller, cast: Cast, run: RunRecord, lent: Partial<World>): Promise<void> {
  const session = openSession(caller, { jobAttempt: cast.jobAttempt ?? 1 }, lent)
  if (cast.does === 'finish') {
    const { state } = caller
    const ask = {
      run: state.get('run'),
      bucket: state.get('bucket'),
      project: state.get('project'),
      ended: state.get('ended'),
    }
    return hear(
      caller,
      () => finishBatch.run(ask, session),
      ([outcome]) => describe(outcome),
    )
  }
  if (cast.does === 'cancel')
    return hear(caller, () => cancelRun.run({ ...place, run: path }, session), describe)
  const plan = {
    ...place,
    wait: true,
    retry: cast.retry ?? false,
    run: { ...run, nonce: crypto.randomUUID(), by: cast.name },
  }
  return hear(caller, () => runOnce.run(plan, session), describe)
}

function describe(outcome: Outcome | undefined): Answer {
  if (outcome === undefined) return { exitCode: 0 }
  const { run, attempt, state, exitCode, machineGone } = outcome
  return { exitCode, run, attempt, state, runExitCode: exitCode, machineGone: machineGone !== undefined }
}
