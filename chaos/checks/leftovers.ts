import type { History } from '../history.ts'
import { describe, isOurs, type Violation } from './promised.ts'

/** Nothing of ours is left after one sweep, and nothing of others is touched. */
export function checkLeftovers({ lives, disks, images, told }: History): readonly Violation[] {
  const invariant = 'I1 left'
  const last = told.find(({ by }) => by === 'last sweeper')
  const failure = last?.exitCode === 0 ? [] : [{ invariant, what: last ? describe(last) : 'no last sweep' }]
  const isBuilders = (name: string) => name.startsWith('mayfly-build-')
  const left = [
    ...lives.filter((life) => isOurs(life) && life.gone === undefined),
    ...disks.filter((disk) => (isOurs(disk) || isBuilders(disk.name)) && disk.gone === undefined),
    ...images.filter(({ families, removed }) => families.length === 0 && removed === undefined),
  ]
  const stolen = disks.filter((disk) => !isOurs(disk) && !isBuilders(disk.name) && disk.gone !== undefined)
  return [
    ...failure,
    ...left.map(({ name, id }) => ({ invariant, what: `${name}, ${id} was left` })),
    ...stolen.map(({ name }) => ({ invariant: 'I8 foreign', what: `the disk ${name} was deleted` })),
  ]
}
