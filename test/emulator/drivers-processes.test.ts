import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { killAll } from '../../emulator/drivers/mark.ts'
import {
  findProcesses,
  identify,
  isAlive,
  type ProcessId,
  type ProcessMark,
  readProcessTable,
  signal,
} from '../../emulator/drivers/processes.ts'

const nowhere = { variable: 'MAYFLY_MACHINE=none', file: '/nowhere/none.mark' }

/** A shell and its child, with the mark of a machine of their own. */
function start(suffix = '') {
  const variable = `MAYFLY_MACHINE=${randomUUID()}${suffix}`
  const [name = '', value = ''] = variable.split('=')
  const env = { PATH: '/bin:/usr/bin', [name]: value }
  const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait'], { env })
  return {
    child,
    pid: child.pid ?? 0,
    variable,
    [Symbol.asyncDispose]: () => killAll({ ...nowhere, variable }),
  }
}

function find(mark: Partial<ProcessMark>): readonly number[] {
  return findProcesses({ ...nowhere, ...mark }).map(({ pid }) => pid)
}

test('a process is known by its environment or its parent, and by nothing else', async () => {
  await using one = start('1')
  await using other = start('12')

  await expect.poll(() => find({ variable: one.variable })).toHaveLength(2)
  expect(find({ variable: one.variable })).toContain(one.pid)
  await expect.poll(() => find({ root: identify(other.pid) as ProcessId })).toHaveLength(2)
  expect(find({ variable: other.variable.slice(0, -1) })).toEqual([])
  expect(find({})).toEqual([])
})

test('a pid that another process has by now is left alone', async () => {
  await using one = start()
  const id = identify(one.pid) as ProcessId
  const stale = { pid: one.pid, started: `${id.started}, before` }
  expect(isAlive(stale)).toBe(false)
  expect(find({ root: stale })).toEqual([])
  signal(stale, 'SIGKILL')
  expect(isAlive(id)).toBe(true)

  const exit = once(one.child, 'exit')
  signal(id, 'SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
})

test('ps tells what a system without /proc needs', async () => {
  await using one = start()
  const entry = readProcessTable().find(({ pid }) => pid === one.pid)
  expect(entry).toMatchObject({
    parent: process.pid,
    zombie: false,
    started: expect.stringMatching(/\d{4}$/),
  })
  expect(entry?.environment()).toContain(one.variable)
})
