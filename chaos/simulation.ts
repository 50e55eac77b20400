import { runPath } from '../core/depot.ts'
import { deriveRunId, nameInstance } from '../core/names.ts'
import type { RunRecord } from '../core/protocol/records.ts'
import { Actor } from './actor.ts'
import { askForImage, type BuildWish, finishImage, sweepUp } from './builds.ts'
import { askForRun, type Caller, cancelByHand, finishRun, interrupt, upload } from './callers.ts'
import { type Cast, castPlain } from './cast.ts'
import { type Mutant, openCloud, type Ports } from './cloud.ts'
import { sourceImage } from './gallery.ts'
import { beginHistory, type History } from './history.ts'
import { type Random, seedRandom } from './random.ts'
import { type Scenario, writeScenario } from './scenario.ts'
import { Timeline } from './timeline.ts'

export interface Simulated {
  readonly history: History
  readonly requests: number
  readonly injected: number
  readonly crashes: number
  /** How many boundaries the first caller has passed, and how many requests it has sent. */
  readonly passed: number
}

/** When everybody has had the time to end: the longest story of attempts, with all budgets used. */
const endMs = 6 * 3_600_000

/** What the last caller may take, on a day without trouble. */
const auditMs = 2 * 3_600_000

/** Until whatever is left has outlived every time that `sweep` gives it. */
const oldMs = 2 * 86_400_000

/** Simulates what follows from a seed. */
export function simulateSeed(
  seed: number,
  options: { readonly mutant?: Mutant; readonly trace?: boolean } = {},
): Promise<Simulated> {
  const random = seedRandom(seed)
  return simulate(random, (begin) => writeScenario(random, seedRandom(-seed), begin), options)
}

/**
 * Plays a scenario to its end, and asks for the run once more when all faults are over: whatever has happened, that
 * last caller is told a result.
 */
export async function simulate(
  random: Random,
  write: (begin: number) => Scenario,
  { mutant, trace = false }: { readonly mutant?: Mutant | undefined; readonly trace?: boolean } = {},
): Promise<Simulated> {
  const timeline = new Timeline()
  const begin = timeline.now
  const scenario = write(begin)
  const history = beginHistory(trace)
  const run = planRun(scenario)
  const small = { seconds: 4, exitCode: 0 }
  const jobOf = (run: string) => (run === path ? scenario.job : small)
  const cloud = openCloud(scenario, { timeline, random, history, mutant, jobOf })
  const { network, engine } = cloud
  if (scenario.foreign) engine.place(scenario.foreign.zone, nameForeign(scenario.foreign, run))

  const states = new Map<string, Map<string, string>>()
  const actors: Actor[] = []
  const start = (cast: Cast) => {
    const actor = new Actor(timeline, cast.name, cast)
    actors.push(actor)
    const abort = new AbortController()
    const state = states.get(cast.after ?? cast.name) ?? new Map()
    states.set(cast.name, state)
    const { signal } = abort
    const ports = cloud.openPorts(actor, 'caller')
    const caller: Caller = { actor, ...ports, history, signal, state, heard: [] }
    if (cast.interruptedAfterMs !== undefined)
      actor.after(cast.interruptedAfterMs, () => interrupt(caller, abort))
    timeline.stir()
    const isAlive = (one: string | undefined) => actors.some(({ name, alive }) => name === one && alive)
    void perform(caller, ports, cast, isAlive(cast.unlessAlive))
  }
  const perform = (caller: Caller, ports: Ports, cast: Cast, rivalry: boolean): Promise<void> => {
    const build = () => ({ ...ports, builder: cloud.openBuilder(caller.actor), zones: scenario.zones })
    switch (cast.does) {
      case 'run':
        return askForRun(caller, { ...run, nonce: crypto.randomUUID(), by: cast.name }, cast)
      case 'finish':
        return finishRun(caller)
      case 'cancel':
        return cancelByHand(caller, run)
      case 'upload':
        return upload(caller, cast.digest ?? '')
      case 'build':
        return askForImage(caller, wishOf(cast, rivalry), build())
      case 'finish-build':
        return finishImage(caller, wishOf(cast, rivalry), build())
      case 'sweep':
        return sweepUp(caller, ports)
    }
  }
  for (const cast of scenario.cast) timeline.after(cast.atMs, () => start(cast))

  const chance = Math.random
  // The only chance in core that is not given to it: the pauses between the tries of core/protocol/persist.ts.
  Math.random = random
  try {
    await timeline.run(begin + endMs)
    for (const actor of actors) if (actor.alive) history.stuck.push(actor.name)
    timeline.now = Math.max(timeline.now, begin + endMs)
    for (const cast of castAuditors(scenario)) start(cast)
    await timeline.run(timeline.now + auditMs)
    for (const actor of actors)
      if (actor.alive && actor.name.endsWith('auditor')) history.stuck.push(actor.name)
    timeline.now += oldMs
    start({ ...castPlain('last sweeper', 0), does: 'sweep' })
    await timeline.run(timeline.now + auditMs)
    if (actors.at(-1)?.alive) history.stuck.push('last sweeper')
  } finally {
    Math.random = chance
  }
  const { requests, injected } = network
  const crashes = actors.filter((actor) => actor.crashed).length
  return { history, requests, injected, crashes, passed: actors[0]?.passed ?? 0 }
}

/** While the job's first try is at work, it is another job that asks. */
function wishOf({ wish }: Cast, rivalry: boolean): BuildWish {
  const { job, ...rest } = wish as BuildWish
  return { ...rest, job: rivalry ? `${job} of another` : job }
}

/** The first callers' wishes once more, by those to whom nothing happens. */
function castAuditors({ cast }: Scenario): readonly Cast[] {
  const names = { run: 'auditor', upload: 'upload auditor', build: 'build auditor' } as const
  return (['run', 'upload', 'build'] as const).flatMap((does) => {
    const first = cast.find((each) => each.does === does)
    if (first === undefined) return []
    const { digest, wish } = first
    return [{ ...castPlain(names[does], 0), does, ...(digest && { digest }), ...(wish && { wish }) }]
  })
}

const key = 'github/acme/recommender/1/train'

/** The run that all callers ask for. */
const path = runPath('train', deriveRunId(key))

function planRun({ zones, spot, timeoutSeconds, attempts }: Scenario): RunRecord {
  return {
    schema: 1,
    nonce: '',
    key,
    id: deriveRunId(key),
    batch: 'train',
    inputsDigest: 'd',
    by: '',
    image: { ...sourceImage },
    machine: { type: 'e2-small', zones: [...zones], spot, externalIp: false },
    timeoutSeconds,
    attempts,
    params: {},
    env: {},
    steps: [{ name: 'train', run: 'python train.py', env: {}, retries: 0, if: 'success' }],
    outputs: [{ path: 'model', name: 'model', when: 'success', where: 'batch.yaml' }],
    agent: 'f'.repeat(64),
  }
}

function nameForeign({ withOurName }: { withOurName: boolean }, { batch, id }: RunRecord): string {
  return withOurName ? nameInstance(batch, id, 1) : 'database'
}
