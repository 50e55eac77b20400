import type { Violation } from './checks/promised.ts'
import { type Fault, faults } from './faults.ts'
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

/** Every crash, every fault, and every crash with every fault, of the first caller. */
export async function listTroubles(does: Deed): Promise<readonly Trouble[]> {
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
export async function playTrouble(does: Deed, trouble: Trouble): Promise<readonly Violation[]> {
  return judge(await play(does, trouble))
}

function play(does: Deed, { crashAt, fault }: Trouble) {
  const script = new Map(fault && [[fault.at, fault.is]])
  const scenario = writeQuietScenario({ does, faults: script, ...(crashAt !== undefined && { crashAt }) })
  return simulate(seedRandom(1), () => scenario)
}
