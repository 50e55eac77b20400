import { taskObjects } from '../../../core/cloud-batch/depot.ts'
import { listEnd } from '../../../core/cloud-batch/ends.ts'
import type { BatchJob } from '../../../core/cloud-batch/job.ts'
import { enterFence } from '../../../core/protocol/fence.ts'
import type { ResultRecord, RunRecord } from '../../../core/protocol/records.ts'
import { concludeAttempt } from '../../../core/protocol/result.ts'
import type { BatchJobs, Fleet, Instance, JobRecord, JobSpec, Objects } from '../../../core/world.ts'
import {
  makeRun,
  openRecordingLog,
  openVirtualCompute,
  openVirtualObjects,
  VirtualClock,
} from '../protocol/virtual.ts'

export const path = 'runs/train/0123456789abcdef'

/** Jobs in memory: what a test does to them is what Batch does. */
function openVirtualJobs(): BatchJobs & {
  readonly jobs: Map<string, JobRecord>
  readonly created: JobSpec[]
  calls: number
  refuse: () => Error | undefined
  /** The answer is lost, and the effect is not. */
  lose: () => Error | undefined
} {
  const jobs = new Map<string, JobRecord>()
  const created: JobSpec[] = []
  return {
    jobs,
    created,
    calls: 0,
    refuse: () => undefined,
    lose: () => undefined,
    async create(spec) {
      this.calls++
      const refusal = this.refuse()
      if (refusal !== undefined) throw refusal
      created.push(spec)
      const { labels } = spec.job as BatchJob
      jobs.set(spec.id, {
        id: spec.id,
        location: spec.location,
        state: 'RUNNING',
        labels,
        counts: { RUNNING: 1 },
        events: [],
      })
      const loss = this.lose()
      if (loss !== undefined) throw loss
    },
    async job(_, id) {
      this.calls++
      return jobs.get(id)
    },
    async cancel(_, id) {
      this.calls++
      const job = jobs.get(id)
      if (job) jobs.set(id, { ...job, state: 'CANCELLED' })
    },
    list: async () => [...jobs.values()],
  }
}

/** A run of so many tasks in a world of memory, where time passes in no time. */
export function setUpJob(count: number, parts: Partial<RunRecord> = {}) {
  const clock = new VirtualClock()
  const store = openVirtualObjects(clock)
  const lists: number[] = []
  const objects: Objects & { readonly store: Map<string, Uint8Array> } = {
    ...store,
    list(prefix, options) {
      lists.push(clock.now())
      return store.list(prefix, options)
    },
  }
  const jobs = openVirtualJobs()
  const machines: Instance[] = []
  const fleet = {
    instances: async () => ({ items: machines, unseenZones: [], time: clock.now() }),
  } as Partial<Fleet> as Fleet
  const run = makeRun({
    machine: { type: 'e2-small', zones: ['us-central1-a', 'us-central1-b'], spot: false, externalIp: true },
    image: { name: 'ml-batch', id: '1', selfLink: 'projects/acme/global/images/ml-batch' },
    engine: 'cloud-batch',
    tasks: { count, parallelism: Math.min(count, 50) },
    ...parts,
  })
  const controller = new AbortController()
  const common = {
    clock,
    objects,
    jobs,
    fleet,
    log: openRecordingLog(),
    signal: controller.signal,
    by: 'test',
    bucket: 'depot',
    bootstrap: '#!/bin/sh\n',
  }
  return { ...common, compute: openVirtualCompute(), job: common, run, lists, machines, controller }
}

type World = ReturnType<typeof setUpJob>

const place = { instanceId: '7', zone: 'us-central1-a' }

/** A task begins its work, on a machine that nobody sees. */
export function begin({ objects }: World, index: number, number = 1, attempt = 1) {
  return enterFence(objects, taskObjects.task(path, attempt, index), number, place)
}

/** And ends it. Without a listing, the machine is gone before it can say so. */
export async function finish(
  { objects, clock }: World,
  index: number,
  parts: Partial<ResultRecord> = {},
  { listed = true, number = 1, attempt = 1, endedMs = clock.now() } = {},
): Promise<void> {
  const result: ResultRecord = {
    schema: 1,
    nonce: crypto.randomUUID(),
    by: 'machine',
    state: 'succeeded',
    exitCode: 0,
    message: 'The step succeeded.',
    began: true,
    steps: [],
    phases: [],
    outputs: [],
    ...parts,
  }
  const written = await concludeAttempt(objects, taskObjects.task(path, attempt, index), number, result)
  if (listed) await listEnd(objects, path, attempt, { index, number, endedMs }, written)
}
