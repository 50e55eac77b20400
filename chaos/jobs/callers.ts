import { runPath } from '../../core/depot.ts'
import type { RunRecord } from '../../core/protocol/records.ts'
import { finishBatch } from '../../core/tasks/run-batch/finish.ts'
import type { Outcome } from '../../core/tasks/run-batch/outcome.ts'
import { runOnce } from '../../core/tasks/run-batch/task.ts'
import { cancelRun } from '../../core/tasks/runs/cancel.ts'
import type { BatchJobs, Fleet, World } from '../../core/world.ts'
import type { Actor } from '../actor.ts'
import { type Answer, type Caller, hear, openSession, place } from '../callers.ts'
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
  const session = openSession(caller, { jobAttempt: cast.jobAttempt ?? 1 }, lent)
  if (cast.does === 'finish') {
    const { state } = caller
    const ask = {
      run: state.get('run'),
      bucket: state.get('bucket'),
      project: state.get('project'),
      ended: state.get('ended'),
    }
    return hear(
      caller,
      () => finishBatch.run(ask, session),
      ([outcome]) => describe(outcome),
    )
  }
  if (cast.does === 'cancel')
    return hear(caller, () => cancelRun.run({ ...place, run: runPath(run.batch, run.id) }, session), describe)
  const plan = {
    ...place,
    wait: true,
    retry: cast.retry ?? false,
    run: { ...run, nonce: crypto.randomUUID(), by: cast.name },
  }
  return hear(caller, () => runOnce.run(plan, session), describe)
}

function describe(outcome: Outcome | undefined): Answer {
  if (outcome === undefined) return { exitCode: 0 }
  const { run, attempt, state, exitCode, machineGone } = outcome
  return { exitCode, run, attempt, state, runExitCode: exitCode, machineGone: machineGone !== undefined }
}
