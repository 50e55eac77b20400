import { runPath } from '../core/depot.ts'
import { deriveRunId, nameInstance } from '../core/names.ts'
import type { RunRecord } from '../core/protocol/records.ts'
import type { Compute, Objects } from '../core/world.ts'
import { Actor } from './actor.ts'
import { askForRun, type Caller, cancelByHand, finishRun, interrupt, upload } from './callers.ts'
import { openCompute } from './compute.ts'
import { Engine } from './engine.ts'
import { boot } from './guest.ts'
import { beginHistory, type History } from './history.ts'
import type { Machine } from './instances.ts'
import { Network } from './network.ts'
import { openObjects } from './objects.ts'
import { type Random, seedRandom } from './random.ts'
import { type Cast, type Scenario, writeScenario } from './scenario.ts'
import { Storage } from './storage.ts'
import { Timeline } from './timeline.ts'

/** The ports of an actor; a mutant wraps them. */
export interface Ports {
  readonly objects: Objects
  readonly compute: Compute
}

/** Takes a defence away; the product has no switches for that. */
export type Mutant = (ports: Ports, who: 'caller' | 'machine', random: Random) => Ports

export interface Simulated {
  readonly history: History
  readonly requests: number
  readonly injected: number
  readonly crashes: number
  /** How many boundaries the first caller has passed, and how many requests it has sent. */
  readonly passed: number
  readonly timeoutSeconds: number
}

/** When everybody has had the time to end: the longest story of attempts, with all budgets used. */
const endMs = 6 * 3_600_000

/** What the last caller may take, on a day without trouble. */
const auditMs = 2 * 3_600_000

/** Simulates what follows from a seed. */
export function simulateSeed(
  seed: number,
  options: { readonly mutant?: Mutant; readonly trace?: boolean } = {},
): Promise<Simulated> {
  const random = seedRandom(seed)
  return simulate(random, (begin) => writeScenario(random, begin), options)
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
  const network = new Network(timeline, random, scenario.faults, history)
  const storage = new Storage(timeline, history)
  const run = planRun(scenario)

  const openPorts = (actor: Actor, who: 'caller' | 'machine'): Ports => {
    const ports = {
      objects: openObjects(actor, network, storage, scenario.pageSize),
      compute: openCompute(actor, network, engine, { timeline, random }),
    }
    return mutant === undefined ? ports : mutant(ports, who, random)
  }
  const bootMachine = (machine: Machine) => {
    const actor = new Actor(timeline, `machine ${machine.life.id}`)
    return boot({ actor, ...openPorts(actor, 'machine'), machine, history, job: scenario.job })
  }
  const { memoryMs, refusalOf } = scenario
  const fateOf = () => scenario.fateOf(scenario.spot)
  const engine = new Engine(timeline, random, history, { memoryMs, fateOf, refusalOf, boot: bootMachine })
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
    const caller: Caller = { actor, ...openPorts(actor, 'caller'), history, signal, state, heard: [] }
    if (cast.interruptedAfterMs !== undefined)
      actor.after(cast.interruptedAfterMs, () => interrupt(caller, abort))
    timeline.stir()
    void perform(caller, cast, { ...run, nonce: crypto.randomUUID(), by: cast.name })
  }
  for (const cast of scenario.cast) timeline.after(cast.atMs, () => start(cast))

  const chance = Math.random
  // The only chance in core that is not given to it: the pauses between the tries of core/protocol/persist.ts.
  Math.random = random
  try {
    await timeline.run(begin + endMs)
    for (const actor of actors) if (actor.alive) history.stuck.push(actor.name)
    timeline.now = Math.max(timeline.now, begin + endMs)
    const [first] = scenario.cast
    if (first) start(castAuditor(first))
    await timeline.run(timeline.now + auditMs)
    if (actors.at(-1)?.alive) history.stuck.push('auditor')
  } finally {
    Math.random = chance
  }
  const { requests, injected } = network
  const crashes = actors.filter((actor) => actor.crashed).length
  return {
    history,
    requests,
    injected,
    crashes,
    passed: actors[0]?.passed ?? 0,
    timeoutSeconds: scenario.timeoutSeconds,
  }
}

/** The first caller's wish once more, by someone to whom nothing happens. */
function castAuditor({ does, digest }: Cast): Cast {
  const plain = { name: 'auditor', atMs: 0, skewMs: 0, jobAttempt: 1, retry: false, wait: true }
  return { ...plain, does, ...(digest !== undefined && { digest }) }
}

function perform(caller: Caller, cast: Cast, run: RunRecord): Promise<void> {
  switch (cast.does) {
    case 'run':
      return askForRun(caller, run, cast)
    case 'finish':
      return finishRun(caller)
    case 'cancel':
      return cancelByHand(caller, run)
    case 'upload':
      return upload(caller, cast.digest ?? '')
  }
}

const key = 'github/acme/recommender/1/train'

/** The run that all callers ask for. */
export const path = runPath('train', deriveRunId(key))

function planRun({ zones, spot, timeoutSeconds, attempts }: Scenario): RunRecord {
  return {
    schema: 1,
    nonce: '',
    key,
    id: deriveRunId(key),
    batch: 'train',
    inputsDigest: 'd',
    by: '',
    image: { name: 'ml-batch-v1', id: '1', selfLink: 'ml-batch-v1' },
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
