import type { RunRecord } from '../../core/protocol/records.ts'
import type { BatchJobs, Fleet, World } from '../../core/world.ts'
import type { Actor } from '../actor.ts'
import { askForRun, type Caller, cancelByHand, finishRun } from '../callers.ts'
import { ignoreAbsence, type Network } from '../network.ts'
import type { Timeline } from '../timeline.ts'
import type { Batch } from './batch.ts'
import type { Cast } from './cast.ts'

/** Batch and its machines as an actor sees them, over its network. */
export function openBatch(
  actor: Actor,
  network: Network,
  batch: Batch,
  timeline: Timeline,
): Pick<World, 'batchJobs' | 'fleet' | 'compute'> {
  const send = <T>(service: 'reads' | 'changes', method: string, about: string, act: () => T) =>
    network.send(actor, { service, method, about, act })
  const jobs: BatchJobs = {
    create: (spec) => send('changes', 'create job', spec.id, () => batch.create(spec)),
    job: (_, id) => send('reads', 'get job', id, () => batch.find(id)),
    cancel: (_, id) => send('changes', 'cancel job', id, () => batch.cancel(id)).catch(ignoreAbsence),
    list: async () => [],
  }
  const fleet = {
    instances: () =>
      send('reads', 'list instances', '', () => ({
        items: batch.instances(),
        unseenZones: [],
        time: timeline.now,
      })),
  } as Partial<Fleet> as Fleet
  const compute = {} as Awaited<ReturnType<World['compute']>>
  return { batchJobs: async () => jobs, fleet: async () => fleet, compute: async () => compute }
}

/** Does what someone comes for. */
export function perform(caller: Caller, cast: Cast, run: RunRecord, lent: Partial<World>): Promise<void> {
  if (cast.does === 'finish') return finishRun(caller, lent)
  if (cast.does === 'cancel') return cancelByHand(caller, run, lent)
  const { jobAttempt = 1, retry = false } = cast
  const asked = { ...run, nonce: crypto.randomUUID(), by: cast.name }
  return askForRun(caller, asked, { jobAttempt, retry, wait: true }, lent)
}
