import type { Violation } from './checks/promised.ts'
import { type Fault, faults } from './faults.ts'
import { checkJob } from './jobs/check.ts'
import { writeQuietJob } from './jobs/scenario.ts'
import { playJobScenario } from './jobs/story.ts'
import { seedRandom } from './random.ts'
import { type Deed, writeQuietScenario } from './scenario.ts'
import { judge } from './seeds.ts'
import { simulate } from './simulation.ts'

/** One thing that goes wrong on an otherwise quiet day, or two. */
export interface Trouble {
  /** The boundary at which the first caller dies. */
  readonly crashAt?: number
  readonly fault?: { readonly at: number; readonly is: Fault }
}

/** What is done on a quiet day. */
export type Boundaries = Deed | 'job'

/** Every crash, every fault, and every crash with every fault, of the first caller. */
export async function listTroubles(does: Boundaries): Promise<readonly Trouble[]> {
  const { passed } = await play(does, {})
  // Three boundaries to a request: before it is sent, after its effect, after its answer.
  const crashes = Array.from({ length: passed }, (_, crashAt) => ({ crashAt }))
  const single = Array.from({ length: Math.ceil(passed / 3) }, (_, at) => at).flatMap((at) =>
    faults.map((is) => ({ fault: { at, is } })),
  )
  const pairs = crashes.flatMap(({ crashAt }) =>
    single.filter(({ fault }) => fault.at * 3 <= crashAt).map(({ fault }) => ({ crashAt, fault })),
  )
  return [...crashes, ...single, ...pairs]
}

/** Plays one of them; a second caller comes a minute later, and a third when all is over. */
export async function playTrouble(does: Boundaries, trouble: Trouble): Promise<readonly Violation[]> {
  return (await play(does, trouble)).violations
}

async function play(does: Boundaries, { crashAt, fault }: Trouble) {
  const faults = new Map(fault && [[fault.at, fault.is]])
  const trouble = { faults, ...(crashAt !== undefined && { crashAt }) }
  const random = seedRandom(1)
  if (does === 'job') {
    const told = await playJobScenario(random, () => writeQuietJob(random, trouble))
    return { passed: told.passed, violations: checkJob(told) }
  }
  const simulated = await simulate(random, () => writeQuietScenario({ does, ...trouble }))
  return { passed: simulated.passed, violations: judge(simulated) }
}
