/** Numbers from 0 to below 1, the same for the same seed: a linear congruential generator (Knuth's MMIX constants). */
export function openRandom(seed) {
  let state = BigInt(seed)
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    return Number(state >> 11n) / 2 ** 53
  }
}

/** A copy of the items in random order (Fisher and Yates). */
export function shuffle(items, random) {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]]
  }
  return shuffled
}
