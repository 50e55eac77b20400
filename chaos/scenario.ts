import { type Fault, type FaultPlan, type Outage, planFaults, planOutage, scriptFaults } from './faults.ts'
import type { Job } from './guest.ts'
import type { Fate, Refusal } from './instances.ts'
import { between, pick, type Random } from './random.ts'

/** A program that is started in the story. */
export interface Cast {
  readonly name: string
  readonly does: 'run' | 'finish' | 'cancel' | 'upload'
  /** From the beginning of the story. */
  readonly atMs: number
  /** The boundary at which it dies. */
  readonly crashAt?: number
  readonly skewMs: number
  readonly jobAttempt: number
  readonly retry: boolean
  readonly wait: boolean
  /** The host wants it to stop, after its start. */
  readonly interruptedAfterMs?: number
  /** Whose saved state it has. */
  readonly after?: string
  /** What it uploads. */
  readonly digest?: string
}

/** Everything about a seed that is decided before it begins. */
export interface Scenario {
  readonly zones: readonly string[]
  readonly timeoutSeconds: number
  readonly attempts: number
  readonly spot: boolean
  readonly job: Job
  readonly pageSize: number
  /** How long Compute Engine knows a requestId. */
  readonly memoryMs: number
  /** Somebody's instance without labels, with our name or another one. */
  readonly foreign?: { readonly zone: string; readonly withOurName: boolean }
  readonly cast: readonly Cast[]
  readonly faults: FaultPlan
  readonly fateOf: (spot: boolean) => Fate
  readonly refusalOf: (zone: string) => Refusal | undefined
}

const zones = ['zone-a', 'zone-b', 'zone-c']

/** When the last fault is over: from then on, everything has to come to its end. */
const calmMs = 30 * 60_000

/** A story by chance: who comes, who dies when, and what the cloud does to them. */
export function writeScenario(random: Random, begin: number): Scenario {
  const cast = [...castRun(random), ...castUploads(random)]
  const long = random() < 0.1
  const timeoutSeconds = long ? 1800 : pick(random, [60, 120, 300, 900])
  const chance = (probability: number) => random() < probability
  const rate = pick(random, [0, 0.02, 0.12, 0.3])
  const outages: Outage[] = [...cast.map(({ name }) => name), 'machine 1000', 'machine 1001'].flatMap(
    (actor) => (chance(0.12) ? [planOutage(random, begin, actor)] : []),
  )
  if (long) outages.push(planOutage(random, begin))
  const zoneCount = pick(random, [1, 2, 2, 3])
  const soldOut = chance(0.2) ? pick(random, [0.3, 0.7, 1]) : 0
  const quota = chance(0.03)
  const troubled = pick(random, [0, 0, 0.3, 0.8])
  const bootless = pick(random, [0, 0, 0, 0.3])
  return {
    zones: zones.slice(0, zoneCount),
    timeoutSeconds,
    attempts: pick(random, [1, 1, 1, 2]),
    spot: chance(0.3),
    job: {
      seconds: planWork(random, timeoutSeconds, long),
      exitCode: pick(random, [0, 0, 0, 1, 3]),
    },
    pageSize: chance(0.1) ? 2 : 1000,
    memoryMs: pick(random, [0, 60_000, 3_600_000]),
    ...(chance(0.1) && { foreign: { zone: pick(random, zones), withOurName: chance(0.3) } }),
    cast,
    faults: planFaults(random, { rate, calm: begin + calmMs, outages }),
    fateOf: (spot) => ({
      bootMs: between(random, 1000, 25_000),
      ...(random() >= bootless && { scriptMs: between(random, 1000, 30_000) }),
      ...(random() < troubled && {
        trouble: {
          is: pick(random, [...(spot ? (['preempted'] as const) : []), 'host-error', 'reboot'] as const),
          afterMs: between(random, 0, 150_000),
        },
      }),
    }),
    refusalOf(zone) {
      if (quota) return { failure: 'quota', zonesAvailable: [], afterMs: 1000 }
      if (random() >= soldOut) return undefined
      const zonesAvailable = random() < 0.5 ? [] : zones.filter((other) => other !== zone)
      return { failure: 'stockout', zonesAvailable, afterMs: between(random, 500, 20_000) }
    },
  }
}

/** Mostly short, for the sake of many seeds; long enough to outlast the longest patience; or longer than the timeout. */
function planWork(random: Random, timeoutSeconds: number, long: boolean): number {
  if (long) return between(random, 500, 1000)
  return random() < 0.1 ? timeoutSeconds * 2 : between(random, 1, Math.min(150, timeoutSeconds / 2))
}

function castRun(random: Random): readonly Cast[] {
  const chance = (probability: number) => random() < probability
  const cast: Cast[] = []
  const add = (name: string, does: Cast['does'], atMs: number, more: Partial<Cast> = {}) => {
    cast.push({
      name,
      does,
      atMs,
      skewMs: chance(0.05) ? between(random, -7_200_000, 7_200_000) : between(random, -20_000, 20_000),
      jobAttempt: 1,
      retry: false,
      wait: true,
      ...more,
    })
  }
  const crash = (probability: number) =>
    chance(probability) ? { crashAt: Math.floor(between(random, 0, pick(random, [20, 100, 400]))) } : {}

  const interrupted = chance(0.15) ? { interruptedAfterMs: between(random, 0, 180_000) } : {}
  const first = crash(0.66)
  add('controller', 'run', 0, { ...first, ...interrupted, wait: !chance(0.05) })
  if (chance(0.25)) add('double', 'run', pick(random, [0, between(random, 0, 300_000)]), crash(0.3))
  if ('crashAt' in first && chance(0.7)) {
    const atMs = between(random, 1000, 900_000)
    add('successor', 'run', atMs, { ...crash(0.3), jobAttempt: pick(random, [1, 1, 2]) })
  }
  if (chance(0.1)) add('retrier', 'run', between(random, 0, 900_000), { ...crash(0.2), retry: true })
  if (('crashAt' in first || 'interruptedAfterMs' in interrupted) && chance(0.4))
    add('post step', 'finish', between(random, 5000, 300_000), { ...crash(0.2), after: 'controller' })
  if (chance(0.1)) add('person', 'cancel', between(random, 1000, 300_000), crash(0.2))
  return cast
}

const digests = ['a'.repeat(64), 'b'.repeat(64)]

function castUploads(random: Random): readonly Cast[] {
  if (random() >= 0.15) return []
  const moved = random() < 0.4
  return [1, 2, 3].map((number) => ({
    name: `uploader ${number}`,
    does: 'upload',
    atMs: between(random, 0, 60_000),
    skewMs: 0,
    jobAttempt: 1,
    retry: false,
    wait: true,
    digest: moved ? pick(random, digests) : (digests[0] as string),
    ...(random() < 0.3 && { crashAt: Math.floor(between(random, 0, 20)) }),
  }))
}

/** One caller on a day without any trouble, but for what is asked for. */
export function writeQuietScenario(trouble: {
  readonly does: 'run' | 'upload'
  readonly crashAt?: number
  readonly faults?: ReadonlyMap<number, Fault>
}): Scenario {
  const { does, crashAt, faults = new Map() } = trouble
  const plain = { does, skewMs: 0, jobAttempt: 1, retry: false, wait: true, digest: digests[0] as string }
  return {
    zones: ['zone-a', 'zone-b'],
    timeoutSeconds: 120,
    attempts: 1,
    spot: false,
    job: { seconds: 8, exitCode: 0 },
    pageSize: 1000,
    memoryMs: 3_600_000,
    cast: [
      { ...plain, name: 'controller', atMs: 0, ...(crashAt !== undefined && { crashAt }) },
      { ...plain, name: 'successor', atMs: 60_000 },
    ],
    faults: scriptFaults('controller', faults),
    fateOf: () => ({ bootMs: 5000, scriptMs: 4000 }),
    refusalOf: () => undefined,
  }
}
