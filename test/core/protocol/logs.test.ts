import { expect, test } from 'vitest'
import { CloudError } from '../../../core/errors.ts'
import { LogWriter } from '../../../core/protocol/logs.ts'
import { openVirtualObjects, VirtualClock } from './virtual.ts'

const path = 'runs/test/r'

function open(clock = new VirtualClock(), signal = new AbortController().signal) {
  const objects = openVirtualObjects(clock)
  const log = new LogWriter(objects, path, 1, clock, signal)
  const chunks = () => [...objects.store].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)])
  return { clock, objects, log, chunks }
}

test('entries are put together, kept in order and closed whole', async () => {
  const { log, chunks } = open()
  const entries = [{ step: 'train' }, { output: 'a\n' }, { output: 'b\n' }, { note: 'done' }]
  await Promise.all(entries.map((entry) => log.write(entry)))
  await log.close()
  expect(chunks()).toEqual([
    [`${path}/a1/logs/000001`, '{"step":"train"}\n{"output":"a\\nb\\n"}\n{"note":"done"}\n'],
  ])
})

test('the first words go out almost at once, later ones in longer intervals', async () => {
  const clock = new VirtualClock()
  const { log, objects } = open(clock)
  const begun = clock.now()
  const times: number[] = []
  const { create } = objects
  objects.create = (...args) => {
    times.push(clock.now() - begun)
    return create(...args)
  }
  for (const wait of [0, 0, 300_000, 0]) {
    clock.time += wait
    await log.write({ note: 'x' })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(times[0]).toBeLessThanOrEqual(200)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  expect(gaps[0]).toBeGreaterThanOrEqual(1000)
  expect(gaps[0]).toBeLessThan(1100)
  // After a silence there is nothing to wait for.
  expect(gaps[1]).toBeLessThanOrEqual(300_100)
  expect(gaps[2]).toBe(5000)
})

test('a writer that is faster than the network waits, and nothing is lost', async () => {
  const { log, objects } = open()
  const gate = Promise.withResolvers<void>()
  const { create } = objects
  objects.create = async (...args) => {
    await gate.promise
    return create(...args)
  }
  const text = 'x'.repeat(1024 ** 2)
  let written = 0
  const writing = (async () => {
    for (; written < 20; written++) await log.write({ output: text })
  })()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(written).toBeLessThan(8)

  gate.resolve()
  await writing
  await log.close()
  const stored = [...objects.store.values()]
  const output = stored
    .flatMap((bytes) => new TextDecoder().decode(bytes).trim().split('\n'))
    .map((line) => (JSON.parse(line) as { output: string }).output)
  expect(output.join('')).toBe(text.repeat(20))
  expect(Math.max(...stored.map(({ length }) => length))).toBeLessThanOrEqual(4 * 1024 ** 2)
})

test('a chunk that cannot be stored is tried again, under the same name', async () => {
  const { log, objects, chunks } = open()
  let failures = 3
  const { create } = objects
  objects.create = async (...args) => {
    if (failures-- > 0) throw new CloudError('unknown', 'storage.objects.insert', 'no answer')
    return create(...args)
  }
  await log.write({ note: 'a' })
  await log.close()
  expect(chunks()).toEqual([[`${path}/a1/logs/000001`, '{"note":"a"}\n']])
})

test('a clear refusal ends the log, and whoever writes on is not held up', async () => {
  const { log, objects } = open()
  objects.create = async () => {
    throw new CloudError('permission', 'storage.objects.insert', 'not yours')
  }
  await log.write({ note: 'a' })
  await log.close()
  for (let count = 0; count < 20; count++) await log.write({ output: 'x'.repeat(1024 ** 2) })
  await log.close()
  expect(log.failure).toMatchObject({ failure: 'permission' })
})

test('when the time is up it is not tried any more', async () => {
  const end = new AbortController()
  const clock = new VirtualClock()
  const { log, objects } = open(clock, end.signal)
  objects.create = async () => {
    throw new CloudError('unknown', 'storage.objects.insert', 'no answer')
  }
  clock.after(600_000, () => end.abort())
  await log.write({ note: 'a' })
  await log.close()
  expect(log.failure).toMatchObject({ failure: 'unknown' })
})
