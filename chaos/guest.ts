import { randomUUID } from 'node:crypto'
import { runObjects } from '../core/depot.ts'
import { CloudError } from '../core/errors.ts'
import { readRun } from '../core/protocol/claim.ts'
import { enterFence } from '../core/protocol/fence.ts'
import { LogWriter } from '../core/protocol/logs.ts'
import { persist } from '../core/protocol/persist.ts'
import type { OutputResult, ResultRecord, RunRecord } from '../core/protocol/records.ts'
import { concludeAttempt } from '../core/protocol/result.ts'
import type { Clock, Compute, Objects } from '../core/world.ts'
import { planDeadline, type StopReason } from '../machine/deadline.ts'
import { isSealed, watchSeal } from '../machine/seal.ts'
import { rebooted, stepFailed, stopped, succeeded, type Verdict } from '../machine/verdicts.ts'
import type { Actor } from './actor.ts'
import type { History, Work } from './history.ts'
import type { Guest, Machine } from './instances.ts'

/** The user's own program: how long it takes, and how it ends. */
export interface Job {
  readonly seconds: number
  readonly exitCode: number
}

interface Stage {
  readonly actor: Actor
  readonly objects: Objects
  readonly compute: Compute
  readonly machine: Machine
  readonly history: History
  readonly job: Job
}

const times = { begin: 10 * 60_000, reading: 15_000, lastWord: 20_000 }

/**
 * The life of a machine: the order of machine/life.ts and machine/attempt.ts, with the same functions of core and
 * machine, and with a few virtual seconds in place of processes.
 */
export function boot(stage: Stage): Guest {
  const stop = new AbortController()
  const end = new AbortController()
  const { actor } = stage
  const abandon = (reason: StopReason) => {
    stop.abort(reason)
    actor.after(times.lastWord, () => end.abort())
  }
  void live(stage, { stop, end, abandon })
  return {
    warn: () => actor.hear(() => abandon('preempted')),
    kill() {
      actor.die()
      for (const work of stage.history.works)
        if (work.instanceId === stage.machine.life.id) work.ended ??= actor.clock.now()
    },
  }
}

interface Deadline {
  readonly stop: AbortController
  readonly end: AbortController
  readonly abandon: (reason: StopReason) => void
}

interface Self {
  readonly bucket: string
  readonly run: string
  readonly attempt: number
  readonly instanceId: string
  readonly zone: string
}

async function live(stage: Stage, deadline: Deadline): Promise<void> {
  const { actor, machine, compute } = stage
  const { life, metadata } = machine
  const self = {
    bucket: metadata['mayfly-bucket'] ?? '',
    run: metadata['mayfly-run'] ?? '',
    attempt: Number(metadata['mayfly-attempt']),
    instanceId: life.id,
    zone: life.zone,
  }
  try {
    await perform(stage, self, deadline)
  } catch {
    machine.console += 'mayfly: cannot work: no answer from Cloud Storage\n'
    await actor.clock.sleep(times.reading)
  }
  // By its own id; where that fails, the controller and Compute Engine's deadline remain.
  await compute.remove(life.zone, life.id, randomUUID()).catch(() => undefined)
  actor.die()
}

async function perform(stage: Stage, self: Self, deadline: Deadline): Promise<void> {
  const { actor, objects, machine, history } = stage
  const { clock } = actor
  const { stop, end } = deadline
  const patience = new AbortController()
  actor.after(times.begin, () => patience.abort())
  const begin = { clock, signal: patience.signal }
  const run = await persist(() => readRun(objects, self.run), begin)
  if (run === undefined) throw new Error(`${runObjects.run(self.run)} does not exist.`)
  const entry = await persist(() => enterFence(objects, self.run, self.attempt, self), begin)
  if (entry.is === 'theirs') return
  if (entry.is === 'rebooted') {
    await conclude(objects, clock, self, { ...rebooted(), began: true, outputs: [] }, end.signal)
    return
  }
  const plan = planDeadline(run.timeoutSeconds, Number(machine.metadata['mayfly-deadline']), entry.created)
  actor.after(plan.stopMs, () => stop.abort('deadline' satisfies StopReason))
  actor.after(plan.endMs, () => end.abort())

  const log = new LogWriter(objects, self.run, self.attempt, clock, end.signal)
  const over = new AbortController()
  const agentSelf = { ...self, project: 'p', name: machine.life.name, deadline: 0 }
  void watchSeal(objects, agentSelf, clock, over.signal).then(
    (sealed) => sealed && deadline.abandon('sealed'),
  )
  const work: Work = {
    instanceId: machine.life.id,
    path: self.run,
    attempt: self.attempt,
    started: clock.now(),
  }
  history.works.push(work)
  await doWork(stage, run, work, log, stop.signal)
  let verdict = judge(run, work.exitCode, stop.signal)
  const outputs: OutputResult[] = []
  if (verdict.state === 'succeeded' && run.outputs.length > 0) {
    const sealed = await isSealed(objects, agentSelf)
    const stored = sealed ? undefined : await store(stage, self, end.signal)
    if (stored === undefined) verdict = stopped('sealed', run, 'outputs')
    else outputs.push(stored)
  }
  over.abort()
  await log.close()
  await conclude(objects, clock, self, { ...verdict, began: true, outputs }, end.signal)
}

async function doWork(
  { actor, job }: Stage,
  { steps }: RunRecord,
  work: Work,
  log: LogWriter,
  stop: AbortSignal,
): Promise<void> {
  const { clock } = actor
  await log.write({ step: steps[0]?.name ?? '' })
  for (let part = 1; part <= 4 && !stop.aborted; part++) {
    await clock.sleep((job.seconds * 1000) / 4, stop)
    if (!stop.aborted) await log.write({ output: `part ${part} of 4\n` })
  }
  work.ended = clock.now()
  if (!stop.aborted) work.exitCode = job.exitCode
}

function judge(run: RunRecord, exitCode: number | undefined, stop: AbortSignal): Verdict {
  if (exitCode === undefined) return stopped(stop.reason, run, `step "${run.steps[0]?.name}"`)
  if (exitCode === 0) return succeeded(run)
  const failure = { exitCode, tries: 1, outOfMemory: false, diskFull: false }
  return stepFailed(run.steps[0] as RunRecord['steps'][number], failure)
}

/** Undefined when it could not be stored in time. */
async function store({ actor, objects }: Stage, self: Self, signal: AbortSignal) {
  const name = `${runObjects.outputs(self.run, self.attempt)}/model`
  const put = () => objects.put(name, `model of ${self.instanceId}`, { signal })
  try {
    const { size } = await persist(put, { clock: actor.clock, signal })
    return { name: 'model', path: 'model', uri: `gs://${self.bucket}/${name}`, files: 1, bytes: size }
  } catch (error) {
    if (error instanceof CloudError || signal.aborted) return undefined
    throw error
  }
}

function conclude(
  objects: Objects,
  clock: Clock,
  { run, attempt, instanceId, zone }: Self,
  facts: Verdict & Pick<ResultRecord, 'began' | 'outputs'>,
  signal: AbortSignal,
): Promise<ResultRecord> {
  const result: ResultRecord = {
    schema: 1,
    nonce: randomUUID(),
    by: 'machine',
    ...facts,
    instanceId,
    zone,
    steps: [],
    phases: [],
  }
  return persist(() => concludeAttempt(objects, run, attempt, result), { clock, signal })
}
