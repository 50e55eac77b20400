import type { History, ImageLife } from '../history.ts'
import { imageAgeMs } from '../scenario.ts'
import { describe, isSweeper, type Run, readResults, type Violation } from './promised.ts'

/** I7: a family leads to no image that has not booted and passed its smoke batch. */
export function checkPromotions(history: History, runs: readonly Run[]): readonly Violation[] {
  return history.images.flatMap((life) => {
    const [first] = life.families
    if (first === undefined) return []
    const what = `${first.by} promoted ${life.name}, ${life.id}`
    if (life.broken) return [{ invariant: 'I7 broken', what }]
    return hasPassed(life, first.at, history, runs) ? [] : [{ invariant: 'I7 untested', what }]
  })
}

function hasPassed({ id }: ImageLife, at: number, history: History, runs: readonly Run[]): boolean {
  const tests = runs.filter(({ image }) => image.id === id)
  const worked = history.works.some(
    ({ path, exitCode, ended = Number.POSITIVE_INFINITY }) =>
      exitCode === 0 && ended <= at && tests.some((run) => run.path === path),
  )
  return (
    worked &&
    tests.some(({ path }) =>
      [...readResults(history, path).values()].some(({ state }) => state === 'succeeded'),
    )
  )
}

/** I5: whoever is told of a tag's image has that one, promoted, and it stays until its time is over. */
export function checkTags({ images, told }: History): readonly Violation[] {
  const lies = told.flatMap((each) => {
    if (each.image === undefined) return []
    const life = images.find(({ id }) => id === each.image)
    const isThere =
      life && life.created <= each.at && (life.removed?.at ?? Number.POSITIVE_INFINITY) >= each.at
    return isThere && life.families.length > 0 ? [] : [{ invariant: 'I5 image', what: describe(each) }]
  })
  const losses = images.flatMap(({ name, created, removed }) => {
    if (removed === undefined) return []
    const { image, by, at } = removed
    const due = isSweeper(by)
      ? image.family === undefined && at - created > imageAgeMs
      : image.deprecation?.state === 'DEPRECATED' && Date.parse(image.deprecation.deleted ?? '') <= at
    return due ? [] : [{ invariant: 'I5 image', what: `${by} deleted ${name}: ${JSON.stringify(image)}` }]
  })
  return [...lies, ...losses]
}
