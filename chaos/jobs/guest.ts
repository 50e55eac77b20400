import { randomUUID } from 'node:crypto'
import { taskObjects } from '../../core/cloud-batch/depot.ts'
import { listEnd } from '../../core/cloud-batch/ends.ts'
import { readRanges } from '../../core/cloud-batch/ranges.ts'
import { readStop } from '../../core/cloud-batch/stop.ts'
import { openTry } from '../../core/cloud-batch/tries.ts'
import { runObjects } from '../../core/depot.ts'
import { readRun } from '../../core/protocol/claim.ts'
import { enterFence } from '../../core/protocol/fence.ts'
import { persist } from '../../core/protocol/persist.ts'
import { attemptRecord, parseRecord, type ResultRecord, type RunRecord } from '../../core/protocol/records.ts'
import { concludeAttempt } from '../../core/protocol/result.ts'
import type { Objects } from '../../core/world.ts'
import { planDeadline, type StopReason } from '../../machine/deadline.ts'
import { watchSeal } from '../../machine/seal.ts'
import { rebooted, stepFailed, stopped, succeeded, type Verdict } from '../../machine/verdicts.ts'
import type { Actor } from '../actor.ts'
import type { History, Work } from '../history.ts'
import type { Guest } from '../instances.ts'
import type { Program } from './batch.ts'

/** What a task's own program does. */
export interface TaskWork {
  readonly seconds: number
  readonly exitCode: number
}

interface Stage {
  readonly actor: Actor
  readonly objects: Objects
  readonly program: Program
  readonly history: History
  readonly workOf: (index: number) => TaskWork
}

const times = { begin: 10 * 60_000, lastWord: 20_000 }

/**
 * A task on its machine: the order of machine/task.ts and machine/attempt.ts, with the same functions of core and machine.
 */
export function bootTask(stage: Stage): Guest {
  const { actor, program, history } = stage
  const stop = new AbortController()
  const end = new AbortController()
  const abandon = (reason: StopReason) => {
    stop.abort(reason)
    actor.after(times.lastWord, () => end.abort())
  }
  void perform(stage, { stop, end, abandon }).then(
    () => leave(0),
    () => leave(1),
  )
  const leave = (code: number) => {
    if (!actor.alive) return
    actor.die()
    program.exit(code)
  }
  return {
    warn: () => actor.hear(() => abandon('preempted')),
    kill() {
      actor.die()
      for (const work of history.works)
        if (work.instanceId === program.vm.id) work.ended ??= actor.clock.now()
    },
  }
}

interface Deadline {
  readonly stop: AbortController
  readonly end: AbortController
  readonly abandon: (reason: StopReason) => void
}

async function perform(stage: Stage, deadline: Deadline): Promise<void> {
  const { actor, objects, program, history, workOf } = stage
  const { clock } = actor
  const { stop, end } = deadline
  const begin = () => {
    const patience = new AbortController()
    actor.after(times.begin, () => patience.abort())
    return { clock, signal: patience.signal }
  }
  const { MAYFLY_RUN: path = '', MAYFLY_ATTEMPT: attempt = '' } =
    program.job.taskGroups[0].taskSpec.environment.variables
  const number = Number(attempt)
  const { run, index } = await persist(() => readTask(objects, path, number, program.task), begin())
  const task = taskObjects.task(path, number, index)
  const opening = await persist(() => openTry(objects, task, run.attempts), begin())
  const list = (tried: number, endedMs: number, result: ResultRecord) =>
    persist(() => listEnd(objects, path, number, { index, number: tried, endedMs }, result), {
      clock,
      signal: end.signal,
    })
  if (opening.is === 'over') return void (await list(opening.number, clock.now(), opening.result))

  const { id: instanceId, zone, name } = program.vm
  const entry = await persist(() => enterFence(objects, task, opening.number, { instanceId, zone }), begin())
  if (entry.is === 'theirs') return
  const conclude = async (verdict: Verdict, began: boolean) => {
    const result: ResultRecord = {
      schema: 1,
      nonce: randomUUID(),
      by: 'machine',
      ...verdict,
      began,
      instanceId,
      zone,
      steps: [],
      phases: [],
      outputs: [],
    }
    const options = { clock, signal: end.signal }
    const written = await persist(() => concludeAttempt(objects, task, opening.number, result), options)
    await list(opening.number, clock.now(), written)
  }
  if (entry.is === 'rebooted') return conclude(rebooted(), true)
  const refuse = () => readStop(objects, path, number)
  const refusal = await persist(refuse, begin())
  if (refusal) return conclude(refusal, false)

  const plan = planDeadline(run.timeoutSeconds, entry.created / 1000 + run.timeoutSeconds, entry.created)
  actor.after(plan.stopMs, () => stop.abort('deadline' satisfies StopReason))
  actor.after(plan.endMs, () => end.abort())
  const over = new AbortController()
  const self = { bucket: 'depot', project: 'p', name, run: task, attempt: opening.number, instanceId, zone }
  void watchSeal(objects, self, clock, over.signal).then((sealed) => sealed && deadline.abandon('sealed'))
  const work: Work = { instanceId, path: task, attempt: opening.number, started: actor.now }
  history.works.push(work)
  const { seconds, exitCode } = workOf(index)
  await clock.sleep(seconds * 1000, stop.signal)
  work.ended = actor.now
  if (!stop.signal.aborted) work.exitCode = exitCode
  over.abort()
  const verdict = judge(run, work.exitCode, stop.signal)
  const told = verdict.state === 'preempted' ? await refuse().catch(() => undefined) : undefined
  await conclude(told ?? verdict, true)
}

async function readTask(objects: Objects, path: string, attempt: number, place: number) {
  const run = await readRun(objects, path)
  if (run === undefined) throw new Error(`${path} does not exist.`)
  if (attempt === 1) return { run, index: place }
  const name = runObjects.attempt(path, attempt)
  const { tasks = '' } = parseRecord(attemptRecord, name, (await objects.read(name)) ?? new Uint8Array())
  return { run, index: [...readRanges(tasks)][place] as number }
}

function judge(run: RunRecord, exitCode: number | undefined, stop: AbortSignal): Verdict {
  if (exitCode === undefined) return stopped(stop.reason, run, 'step "train"')
  if (exitCode === 0) return succeeded(run)
  const failure = { exitCode, tries: 1, outOfMemory: false, diskFull: false }
  return stepFailed(run.steps[0] as RunRecord['steps'][number], failure)
}
