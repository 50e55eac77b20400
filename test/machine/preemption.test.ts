import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { monotonicClock } from '../../machine/clock.ts'
import { watchPreemption } from '../../machine/preemption.ts'
import { VirtualClock } from '../core/protocol/virtual.ts'

afterEach(() => {
  delete process.env.GCE_METADATA_HOST
})

test('a notice is heard, over faults and answers that change nothing', async () => {
  const asked: string[] = []
  const answers = ['fault', 'FALSE', 'FALSE', 'TRUE']
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://metadata').searchParams.get('last_etag') ?? '')
    const answer = answers.shift()
    if (answer === 'fault') response.destroy()
    else response.setHeader('etag', `e${answers.length}`).end(answer)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  process.env.GCE_METADATA_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await watchPreemption(new VirtualClock(), new AbortController().signal)).toBe(true)
  expect(asked).toEqual(['0', '0', 'e2', 'e1'])
  server.close()
})

test('a watch that is over ends quietly, without a metadata server too', async () => {
  process.env.GCE_METADATA_HOST = '127.0.0.1:9'
  const over = new AbortController()
  const watching = watchPreemption(monotonicClock, over.signal)
  over.abort()
  expect(await watching).toBe(false)
})
