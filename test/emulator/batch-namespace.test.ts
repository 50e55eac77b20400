import { beforeAll, expect } from 'vitest'
import { openNamespaceDriver } from '../../emulator/drivers/namespace.ts'
import { startEmulator } from '../../emulator/index.ts'
import { testWith } from '../tools.ts'
import { makeBaseImage, namespaces } from './base-image.ts'
import { until } from './compute-calls.ts'
import { debian } from './namespace-machines.ts'

let baseImage: string
beforeAll(async () => {
  if (namespaces.found) baseImage = await makeBaseImage()
}, 300_000)

interface Job {
  readonly status: {
    readonly state: string
    readonly taskGroups: { readonly group0: { readonly counts: Readonly<Record<string, string>> } }
  }
}

testWith(namespaces, 'tasks run one after another on machines with a userland of their own', async () => {
  const compute = { driver: openNamespaceDriver(), baseImage, shutdownMs: 5000 }
  await using emulator = await startEmulator({ compute })
  const ask = (path: string, body?: object) =>
    fetch(`${emulator.url}${path}`, body && { method: 'POST', body: JSON.stringify(body) })
  await ask('/storage/v1/b?project=acme', { name: 'said' })
  // The host of the tests has no such user, and the machine no such task before it.
  const text = `getent passwd root | grep -q /root && [ ! -e /said/$BATCH_TASK_INDEX ] && mkdir -p /said && touch "/said/$BATCH_TASK_INDEX"
curl -sS --fail -o /dev/null -X POST --data-binary "$(hostname) $(ls /said | wc -l)" "$STORAGE_EMULATOR_HOST/upload/storage/v1/b/said/o?uploadType=media&name=$BATCH_TASK_INDEX"`
  const path = '/v1/projects/acme/locations/us-central1/jobs'
  const created = await ask(`${path}?jobId=real`, {
    taskGroups: [{ taskCount: 3, parallelism: 1, taskSpec: { runnables: [{ script: { text } }] } }],
    allocationPolicy: { instances: [{ policy: { machineType: 'e2-small', bootDisk: { image: debian } } }] },
  })
  expect(created.status).toBe(200)
  const { status } = await until(async () => {
    const job = (await (await ask(`${path}/real`)).json()) as Job
    return /SUCCEEDED|FAILED/.test(job.status.state) && job
  })
  expect(status.taskGroups.group0.counts).toEqual({ SUCCEEDED: '3' })
  const said = await Promise.all(
    [0, 1, 2].map(async (index) => (await ask(`/storage/v1/b/said/o/${index}?alt=media`)).text()),
  )
  expect(said.map((each) => each.split(' ')[1])).toEqual(['1', '2', '3'])
  expect(new Set(said.map((each) => each.split(' ')[0])).size).toBe(1)
  await until(() => emulator.compute.instances().length === 0)
  expect(emulator.unknown()).toEqual([])
})
