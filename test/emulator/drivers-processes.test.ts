import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import {
  findProcesses,
  identify,
  isAlive,
  readProcessTable,
  signal,
} from '../../emulator/drivers/processes.ts'

const nowhere = { variable: 'MAYFLY_MACHINE=none', file: '/nowhere/none.mark' }

function start(env: Readonly<Record<string, string>> = {}) {
  const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait'], { env: { PATH: '/bin:/usr/bin', ...env } })
  return Object.assign(child, {
    pid: child.pid as number,
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit')
      if (child.exitCode === null && child.kill('SIGKILL')) await exit
    },
  })
}

test('a process is known by its environment or its parent, and by nothing else', async () => {
  await using child = start({ MAYFLY_MACHINE: '12' })
  await using other = start({ MAYFLY_MACHINE: '123' })
  const find = (mark: object) => findProcesses({ ...nowhere, ...mark }).map(({ pid }) => pid)

  await expect.poll(() => find({ variable: 'MAYFLY_MACHINE=12' })).toHaveLength(2)
  expect(find({ variable: 'MAYFLY_MACHINE=12' })).toContain(child.pid)
  expect(find({ variable: 'MAYFLY_MACHINE=12' })).not.toContain(other.pid)
  expect(find({ root: identify(other.pid) })).toHaveLength(2)
  expect(find({})).toEqual([])
})

test('a pid that another process has by now is left alone', async () => {
  await using child = start()
  const stale = { pid: child.pid, started: `${identify(child.pid)?.started}, before` }
  expect(isAlive(stale)).toBe(false)
  expect(findProcesses({ ...nowhere, root: stale })).toEqual([])
  signal(stale, 'SIGKILL')
  expect(child.exitCode ?? child.signalCode).toBeNull()
  expect(isAlive(identify(child.pid) ?? stale)).toBe(true)

  const exit = once(child, 'exit')
  signal(identify(child.pid) ?? stale, 'SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
})

test('ps tells what a system without /proc needs', async () => {
  await using child = start({ MAYFLY_MACHINE: '12' })
  const entry = readProcessTable().find(({ pid }) => pid === child.pid)
  expect(entry).toMatchObject({
    parent: process.pid,
    zombie: false,
    started: expect.stringMatching(/\d{4}$/),
  })
  expect(entry?.environment()).toContain('MAYFLY_MACHINE=12')
})
