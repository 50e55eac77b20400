import { expect, test } from 'vitest'
import { type Aftermath, type Command, hitCommand, type Point } from './kill-stage.ts'

// A selection; scripts/kill-everywhere.ts hits every request.
const kills: readonly (readonly [Command, Point, string])[] = [
  ['upload-code', { k: 2, moment: 'after' }, 'the archive is there and nothing points to it'],
  ['upload-code', { k: 3, moment: 'before' }, 'the pointer was not written'],
  ['upload-code', { k: 3, moment: 'after' }, 'the pointer was written and nobody was told'],
  ['run-batch', { k: 5, moment: 'after' }, 'the run is claimed'],
  ['run-batch', { k: 6, moment: 'after' }, 'the attempt has its entry and is not open'],
  ['run-batch', { k: 7, moment: 'after' }, 'the attempt is open and has no machine'],
  ['run-batch', { k: 8, moment: 'before' }, 'the machine was not asked for'],
  ['run-batch', { k: 8, moment: 'after' }, 'the machine was asked for and nobody was told'],
  ['run-batch', { k: 10, moment: 'after' }, 'the machine is at work'],
]

test.concurrent.each(kills)(
  '%s, SIGKILL at %j: %s; the same command ends it once',
  async (...[command, point]) => {
    const aftermath = await hitCommand(command, point, 'SIGKILL')
    expect(aftermath.violations).toEqual([])
    expect([aftermath.hit !== undefined, aftermath.again.exitCode]).toEqual([true, 0])
  },
)

test.concurrent.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'run-batch, %s while its machine is asked for: one result, cancelled, and no machine',
  async (signal, code) => {
    const aftermath = await hitCommand('run-batch', { k: 8, moment: 'before' }, signal)
    expect(aftermath.violations).toEqual([])
    expect([aftermath.first.exitCode, aftermath.again.exitCode]).toEqual([code, code])
    expectWithinGrace(aftermath)
  },
)

/** GitHub gives 7.5 s between its first signal and the second. */
function expectWithinGrace({ sealedMs, deletedMs }: Aftermath): void {
  expect(sealedMs).toBeLessThan(7500)
  expect(deletedMs).toBeLessThan(7500)
}
