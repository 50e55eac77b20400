import { deriveRunId } from '../../core/names.ts'
import type { RunRecord } from '../../core/protocol/records.ts'
import { between, pick, type Random } from '../random.ts'

/** Someone in the story. */
export interface Cast {
  readonly name: string
  readonly does: 'run' | 'finish' | 'cancel' | 'delete'
  readonly atMs: number
  readonly crashAt?: number
  readonly retry?: boolean
  readonly jobAttempt?: number
  readonly interruptedAfterMs?: number
}

const key = 'github/acme/recommender/1/score'

/** Who comes, and who dies when. */
export function castStory(random: Random): readonly Cast[] {
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

/** The run that they all ask for. */
export function planRun(random: Random): RunRecord {
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
