import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Command, runProcess } from '../../machine/processes.ts'

let tmp = ''
beforeEach(async () => {
  tmp = await mkdtemp(join(tmpdir(), 'mayfly-processes-'))
})
afterEach(() => rm(tmp, { recursive: true }))

async function run(script: string, change: Partial<Command> = {}) {
  const output: Buffer[] = []
  const ending = await runProcess({
    argv: ['sh', '-c', script],
    cwd: tmp,
    env: { PATH: process.env.PATH ?? '' },
    tmp,
    signal: new AbortController().signal,
    onOutput: async (bytes) => void output.push(Buffer.from(bytes)),
    ...change,
  })
  return { ending, output: Buffer.concat(output).toString() }
}

test('gives the exit code, and leaves no pipe behind', async () => {
  expect(await run('echo a; echo b >&2; exit 3')).toEqual({
    ending: { exitCode: 3, stopped: false },
    output: 'a\nb\n',
  })
  expect(await readdir(tmp)).toEqual([])
})

test('a signal is 128 and its number', async () => {
  expect((await run('kill -TERM $$')).ending).toEqual({ exitCode: 143, signal: 'SIGTERM', stopped: false })
})

test('standard input is empty', async () => {
  expect((await run('cat; echo over')).output).toBe('over\n')
})

test('a program that does not exist is an error', async () => {
  await expect(run('', { argv: ['/no/such/program'] })).rejects.toThrow('ENOENT')
})

test('the process waits while its output is not taken', async () => {
  const gate = Promise.withResolvers<void>()
  let taken = 0
  const running = run('seq 1 200000; : > written', {
    onOutput: async (bytes) => {
      await gate.promise
      taken += bytes.length
    },
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await readdir(tmp)).not.toContain('written')
  gate.resolve()
  await running
  expect(taken).toBe(1_288_895)
})

test('a stranger that keeps the pipe open does not keep the step', async () => {
  // A session of its own gets away from the process group.
  const { ending, output } = await run('echo said; setsid sleep 8 & exit 0')
  expect(ending).toEqual({ exitCode: 0, stopped: false })
  expect(output).toBe('said\n')
})

test('what is stopped is told from what ended by itself', async () => {
  const stop = new AbortController()
  const running = run('echo begun; sleep 1000', {
    signal: stop.signal,
    onOutput: async () => stop.abort(),
  })
  expect((await running).ending).toEqual({ exitCode: 143, signal: 'SIGTERM', stopped: true })
})
