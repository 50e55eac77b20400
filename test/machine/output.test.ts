import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

test('100 MB of output pass whole and in order, in chunks of at most 4 MiB', async () => {
  const machine = await stage.boot({
    steps: ['seq 1 12500000; echo the end >&2'],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })

  const hash = createHash('sha256')
  const expected = createHash('sha256')
  for (let line = 1; line <= 12_500_000; line += 1000)
    expected.update(Array.from({ length: 1000 }, (_, index) => `${line + index}\n`).join(''))
  expected.update('the end\n')
  const sizes: number[] = []
  for await (const chunk of stage.objects.list(`${machine.run}/a1/logs/`)) {
    sizes.push(chunk.size)
    for (const line of (await machine.read(chunk.name)).split('\n')) {
      const { output } = (line === '' ? {} : JSON.parse(line)) as { output?: string }
      if (output === undefined) continue
      hash.update(output)
      // Nothing is torn where it need not be.
      expect(output.endsWith('\n')).toBe(true)
    }
  }
  expect(hash.digest('hex')).toBe(expected.digest('hex'))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 ** 2)
})

test('a line of 1 MiB, bytes that are no text, and characters in two pieces', async () => {
  const machine = await stage.boot({
    steps: [
      'head -c 1048576 /dev/zero | tr "\\0" x; echo',
      String.raw`printf 'caf\303'; sleep 0.2; printf '\251 \377\376 \360\237'; sleep 0.2; printf '\220\247\n'`,
    ],
  })
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })
  const [, long, text] = (await machine.said()).split(/## step\d\n/)
  expect(long).toBe(`${'x'.repeat(1_048_576)}\n`)
  expect(text).toBe('café \ufffd\ufffd 🐧\n')
})

test('both streams on one pipe keep their order, and can be opened again by name', async () => {
  const machine = await stage.boot({
    steps: [
      'for n in 1 2 3 4 5 6 7 8 9; do echo "out $n"; echo "err $n" >&2; done; echo named > /dev/stderr',
    ],
  })
  await machine.gone()
  const lines = Array.from({ length: 9 }, (_, index) => `out ${index + 1}\nerr ${index + 1}\n`)
  expect(await machine.said()).toBe(`## step1\n${lines.join('')}named\n`)
})

test('what a step says is there while it runs, a progress bar without an end too', async () => {
  const wait = 'while [ ! -e "$HOME/go" ]; do sleep 0.05; done'
  const machine = await stage.boot({ steps: [String.raw`printf '\r10 %%'; ${wait}; echo`] })
  await machine.says(/10 %/)
  await writeFile(join(machine.directory, '../go'), '')
  expect(await machine.gone()).toMatchObject({ state: 'succeeded' })
})
