import { CloudError } from '../../core/errors.ts'
import type { RunRecord } from '../../core/protocol/records.ts'
import { type Fault, type FaultPlan, planFaults, planOutage, scriptFaults } from '../faults.ts'
import { between, pick, type Random } from '../random.ts'
import type { Trouble } from './batch.ts'
import { type Cast, castStory, planRun } from './cast.ts'
import type { TaskWork } from './guest.ts'

/** Everything about a story of a job that is decided before it begins. */
export interface JobScenario {
  readonly cast: readonly Cast[]
  readonly run: RunRecord
  readonly works: readonly TaskWork[]
  readonly faults: FaultPlan
  /** How long Batch knows a request id. */
  readonly memoryMs: number
  readonly refusalOf: () => CloudError | undefined
  /** What befalls a task that begins now. */
  readonly troubleOf: (now: number) => { readonly is: Trouble; readonly afterMs: number } | undefined
}

/** When the last fault is over. */
const calmMs = 30 * 60_000

/** A story by chance. */
export function writeJobScenario(random: Random, begin: number): JobScenario {
  const chance = (probability: number) => random() < probability
  const cast = castStory(random)
  const run = planRun(random)
  const outages = cast.flatMap(({ name }) => (chance(0.12) ? [planOutage(random, begin, name)] : []))
  if (chance(0.1)) outages.push(planOutage(random, begin))
  const rate = pick(random, [0, 0.02, 0.12])
  const works = Array.from({ length: run.tasks?.count ?? 1 }, () => ({
    seconds: between(random, 1, 90),
    exitCode: pick(random, [0, 0, 0, 0, 3]),
  }))
  const troubled = pick(random, [0, 0.1, 0.4])
  const refused = chance(0.04)
  return {
    cast,
    run,
    works,
    faults: planFaults(random, { rate, calm: begin + calmMs, outages }),
    memoryMs: pick(random, [0, 60_000, 3_600_000]),
    refusalOf: () => (refused ? new CloudError('permission', 'batch.jobs.create', 'refused') : undefined),
    troubleOf: (now) =>
      random() < troubled && now < begin + calmMs
        ? {
            is: pick(random, [50001, 50002, 50003] as const satisfies Trouble[]),
            afterMs: between(random, 0, 90_000),
          }
        : undefined,
  }
}

/** A job of two tasks on a quiet day, but for what is asked for; a second caller comes when the first may be dead. */
export function writeQuietJob(
  random: Random,
  {
    crashAt,
    faults = new Map(),
  }: { readonly crashAt?: number; readonly faults?: ReadonlyMap<number, Fault> },
): JobScenario {
  return {
    cast: [
      { name: 'controller', does: 'run', atMs: 0, ...(crashAt !== undefined && { crashAt }) },
      { name: 'successor', does: 'run', atMs: 60_000 },
    ],
    run: { ...planRun(random), timeoutSeconds: 300, attempts: 1, tasks: { count: 2, parallelism: 2 } },
    works: [
      { seconds: 8, exitCode: 0 },
      { seconds: 12, exitCode: 3 },
    ],
    faults: scriptFaults('controller', faults),
    memoryMs: 3_600_000,
    refusalOf: () => undefined,
    troubleOf: () => undefined,
  }
}
