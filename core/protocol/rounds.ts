/**
 * Rounds of asking begin at fixed ages of an attempt, so that whoever comes after a controller that died asks what it
 * would have asked, under the same request ids.
 */
const pausesMs = [5000, 10_000, 20_000, 40_000]
const lastPauseMs = 60_000

/** The age of the attempt at which a round begins, in milliseconds; rounds count from 1. */
export function startOfRound(round: number): number {
  const pauses = pausesMs.slice(0, round - 1)
  return pauses.reduce((sum, pause) => sum + pause, 0) + (round - 1 - pauses.length) * lastPauseMs
}

/** The last round that has begun at an age. */
export function roundAt(ageMs: number): number {
  let round = 1
  while (startOfRound(round + 1) <= ageMs) round++
  return round
}
