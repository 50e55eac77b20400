import type { BuildWish } from './builds.ts'
import { between, pick, type Random } from './random.ts'

/** A program that is started in the story. */
export interface Cast {
  readonly name: string
  readonly does: 'run' | 'finish' | 'cancel' | 'upload' | 'build' | 'finish-build' | 'sweep'
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
  /** What it builds; while that one still lives, it is another job that asks. */
  readonly wish?: BuildWish
  readonly unlessAlive?: string
  /** What it uploads. */
  readonly digest?: string
}

/** Everybody who has to do with the run. */
export function castRun(random: Random): readonly Cast[] {
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

/** Somebody on whom nothing is played. */
export function castPlain(
  name: string,
  atMs: number,
): Pick<Cast, 'name' | 'atMs' | 'skewMs' | 'jobAttempt' | 'retry' | 'wait'> {
  return { name, atMs, skewMs: 0, jobAttempt: 1, retry: false, wait: true }
}

/** What everybody builds, unless the story has it otherwise. */
export const buildWish: BuildWish = { tag: 'v1', commit: 'a'.repeat(40), job: 'github/acme/2/image' }

/** Sometimes, those who build an image. */
export function castBuilds(random: Random): readonly Cast[] {
  if (random() >= 0.12) return []
  const chance = (probability: number) => random() < probability
  const cast: Cast[] = []
  const add = (name: string, atMs: number, wish: Partial<BuildWish>, more: Partial<Cast> = {}) => {
    const crashAt = chance(0.5)
      ? { crashAt: Math.floor(between(random, 0, pick(random, [30, 300, 900]))) }
      : {}
    const skewMs = between(random, -20_000, 20_000)
    cast.push({
      ...castPlain(name, atMs),
      does: 'build',
      wish: { ...buildWish, ...wish },
      skewMs,
      ...crashAt,
      ...more,
    })
  }
  const interrupted = chance(0.2) ? { interruptedAfterMs: between(random, 0, 600_000) } : {}
  add('builder', 0, {}, interrupted)
  if (chance(0.4)) add('second builder', between(random, 0, 900_000), {}, { unlessAlive: 'builder' })
  if (chance(0.2)) add('stranger', between(random, 0, 1_800_000), { job: 'github/acme/3/image' })
  if (chance(0.2))
    add('mover', between(random, 0, 3_600_000), { commit: 'b'.repeat(40), job: 'github/acme/4/image' })
  if (chance(0.3))
    add('next builder', between(random, 0, 1_800_000), {
      tag: 'v2',
      commit: 'c'.repeat(40),
      job: 'github/acme/5/image',
    })
  if (chance(0.4)) {
    const atMs = between(random, 5000, 900_000)
    cast.push({ ...castPlain('post build', atMs), does: 'finish-build', wish: buildWish, after: 'builder' })
  }
  return cast
}

/** Sometimes, sweeps that come while everybody is at work, and must not do harm. */
export function castSweeps(random: Random): readonly Cast[] {
  if (random() >= 0.1) return []
  return [1, 2].map((number) => ({
    ...castPlain(`sweeper ${number}`, between(random, 0, 7_200_000)),
    does: 'sweep',
    ...(random() < 0.3 && { crashAt: Math.floor(between(random, 0, 30)) }),
  }))
}

/** Of a release, and of what it is moved to. */
export const digests = ['a'.repeat(64), 'b'.repeat(64)]

/** Sometimes, those who upload a release. */
export function castUploads(random: Random): readonly Cast[] {
  if (random() >= 0.15) return []
  const moved = random() < 0.4
  return [1, 2, 3].map((number) => ({
    ...castPlain(`uploader ${number}`, between(random, 0, 60_000)),
    does: 'upload',
    digest: moved ? pick(random, digests) : (digests[0] as string),
    ...(random() < 0.3 && { crashAt: Math.floor(between(random, 0, 20)) }),
  }))
}
