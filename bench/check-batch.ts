import { join } from 'node:path'
import { openObjects } from '../adapters/google/storage.ts'
import { noTokens } from '../adapters/google/tokens.ts'
import { openTransport } from '../adapters/google/transport.ts'
import { recentObject, runObjects, runPath } from '../core/depot.ts'
import { deriveRunId } from '../core/names.ts'
import { inParallel } from '../core/parallel.ts'
import type { ResultRecord } from '../core/protocol/records.ts'
import { startEmulator } from '../emulator/index.ts'
import { makeRun } from '../test/core/protocol/virtual.ts'
import { measure } from './measure.ts'
import { printTable } from './table.ts'
import { root } from './workplace.ts'

const count = { few: 50, many: 5000, logs: 2 }
const goal = { calls: 50 }
const batch = 'train'

const result: ResultRecord = {
  schema: 1,
  nonce: '',
  by: 'machine',
  state: 'succeeded',
  exitCode: 0,
  message: '',
  began: true,
  steps: [],
  phases: [],
  outputs: [],
}

/** A check of a batch with few runs, and with thousands, beside a list of its runs, which looks at every name. */
export async function benchCheckBatch(): Promise<void> {
  await using google = await startEmulator()
  await fetch(`${google.url}/storage/v1/b?project=bench`, { method: 'POST', body: '{"name":"bench"}' })
  const transport = openTransport({ tokens: noTokens, userAgent: 'bench' })
  const objects = openObjects('bench', { endpoint: google.url, transport })
  let number = 0
  const grow = async (runs: number) => {
    const ids = Array.from({ length: runs }, () => deriveRunId(String(number++)))
    await inParallel(ids, 16, async (id) => {
      const path = runPath(batch, id)
      await objects.create(recentObject(batch, id, 1, Date.now()), '')
      await objects.create(runObjects.run(path), JSON.stringify(makeRun({ id, batch })))
      await objects.create(runObjects.attempt(path, 1), '{}')
      await objects.create(runObjects.started(path, 1), '{}')
      for (let log = 1; log <= count.logs; log++) await objects.create(runObjects.log(path, 1, log), '{}')
      await objects.create(runObjects.result(path, 1), JSON.stringify(result))
    })
  }
  const ask = async (...args: readonly string[]) => {
    const before = google.requests().length
    const cost = await measure({
      command: process.execPath,
      args: [join(root, 'dist/cli/main.js'), ...args, '--project', 'bench', '--bucket', 'bench', '--json'],
      env: {
        STORAGE_EMULATOR_HOST: google.url,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${google.url}/compute/v1/`,
      },
    })
    const calls = google.requests().slice(before)
    return [
      cost.seconds.toFixed(2),
      cost.peakMb.toFixed(0),
      String(calls.length),
      String(calls.filter(({ name }) => name === 'storage.objects.list').length),
    ]
  }
  const rows: string[][] = []
  for (const runs of [count.few, count.many]) {
    await grow(runs - number)
    const check = await ask('check-batch', batch)
    rows.push([`check-batch, ${runs} runs`, ...check])
    rows.push([`runs list, ${runs} runs`, ...(await ask('runs', 'list', batch, '--limit', '11'))])
    if (Number(check[2]) > goal.calls) rows.push([`MISSED: more than ${goal.calls} calls`])
  }
  printTable(`check of a batch whose runs have ${count.logs} log chunks each`, [
    ['', 'seconds', 'MB at the highest', 'API calls', 'lists'],
    ...rows,
  ])
}
