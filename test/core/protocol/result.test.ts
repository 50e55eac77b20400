import { expect, test } from 'vitest'
import type { ResultRecord } from '../../../core/protocol/records.ts'
import { concludeAttempt } from '../../../core/protocol/result.ts'
import { openVirtualObjects, VirtualClock } from './virtual.ts'

function result(nonce: string, state: ResultRecord['state']): ResultRecord {
  return {
    schema: 1,
    nonce,
    by: 'machine',
    state,
    exitCode: 0,
    message: '',
    began: true,
    steps: [],
    phases: [],
    outputs: [],
  }
}

test('the first result is the one that everyone gets', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  const mine = result('a', 'succeeded')
  expect(await concludeAttempt(objects, 'runs/test/r', 1, mine)).toEqual(mine)
  expect(await concludeAttempt(objects, 'runs/test/r', 1, result('b', 'lost'))).toEqual(mine)
  expect(await concludeAttempt(objects, 'runs/test/r', 1, mine)).toEqual(mine)
})

test('a result that cannot be read is an error, never a guess', async () => {
  const objects = openVirtualObjects(new VirtualClock())
  await objects.put('runs/test/r/a1/result.json', '{"schema":2}')
  await expect(concludeAttempt(objects, 'runs/test/r', 1, result('a', 'succeeded'))).rejects.toThrow(
    /runs\/test\/r\/a1\/result\.json: not a record that this version of Mayfly understands/,
  )
})
