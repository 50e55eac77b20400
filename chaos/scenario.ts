import {
  buildWish,
  type Cast,
  castBuilds,
  castPlain,
  castRun,
  castSweeps,
  castUploads,
  digests,
} from './cast.ts'
import { type Fault, type FaultPlan, type Outage, planFaults, planOutage, scriptFaults } from './faults.ts'
import type { Job } from './guest.ts'
import type { Fate, Refusal } from './instances.ts'
import { between, pick, type Random } from './random.ts'

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
  /** Whether an image that is made now cannot do its work. */
  readonly isBroken: () => boolean
  readonly provisionMs: number
  /** Packer lives on when its caller is killed. */
  readonly orphans: boolean
  /** Whether a list of all zones leaves one out. */
  readonly isUnseen: (zone: string, now: number) => boolean
}

/** The zones of the project. */
export const zones = ['us-central1-a', 'us-central1-b', 'us-central1-c']

/** How long an image may be in no family, for `sweep`. */
export const imageAgeMs = 86_400_000

/** The builder's timeout. */
export const buildSeconds = 3600

/** When the last fault is over: from then on, everything has to come to its end. */
const calmMs = 30 * 60_000

/**
 * A story by chance: who comes, who dies when, and what the cloud does to them. `more` is for builds and sweeps, which
 * leave the stories without them as they are.
 */
export function writeScenario(random: Random, more: Random, begin: number): Scenario {
  const cast = [...castRun(random), ...castUploads(random), ...castBuilds(more), ...castSweeps(more)]
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
  const broken = pick(more, [0, 0, 0.5, 1])
  const unseen = pick(more, [0, 0, 0.3])
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
    isBroken: () => more() < broken,
    provisionMs: between(more, 20_000, 400_000),
    orphans: more() < 0.3,
    isUnseen: (_, now) => now < begin + calmMs && more() < unseen,
  }
}

/** Mostly short, for the sake of many seeds; long enough to outlast the longest patience; or longer than the timeout. */
function planWork(random: Random, timeoutSeconds: number, long: boolean): number {
  if (long) return between(random, 500, 1000)
  return random() < 0.1 ? timeoutSeconds * 2 : between(random, 1, Math.min(150, timeoutSeconds / 2))
}

/** What may be asked for on a quiet day. */
export type Deed = 'run' | 'upload' | 'build'

/** One caller on a day without any trouble, but for what is asked for. */
export function writeQuietScenario(trouble: {
  readonly does: Deed
  readonly crashAt?: number
  readonly faults?: ReadonlyMap<number, Fault>
}): Scenario {
  const { does, crashAt, faults = new Map() } = trouble
  const deed = { does, digest: digests[0] as string, wish: buildWish }
  return {
    zones: ['us-central1-a', 'us-central1-b'],
    timeoutSeconds: 120,
    attempts: 1,
    spot: false,
    job: { seconds: 8, exitCode: 0 },
    pageSize: 1000,
    memoryMs: 3_600_000,
    cast: [
      { ...castPlain('controller', 0), ...deed, ...(crashAt !== undefined && { crashAt }) },
      { ...castPlain('successor', 60_000), ...deed, unlessAlive: 'controller' },
    ],
    faults: scriptFaults('controller', faults),
    fateOf: () => ({ bootMs: 5000, scriptMs: 4000 }),
    refusalOf: () => undefined,
    isBroken: () => false,
    provisionMs: 15_000,
    orphans: false,
    isUnseen: () => false,
  }
}
