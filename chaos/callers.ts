import { runPath } from '../core/depot.ts'
import { CancelledError, MayflyError, readExitCode } from '../core/errors.ts'
import type { Context, Log } from '../core/host.ts'
import type { RunRecord } from '../core/protocol/records.ts'
import { releasePointerName } from '../core/releases.ts'
import type { Session } from '../core/task.ts'
import { finishBatch } from '../core/tasks/run-batch/finish.ts'
import type { Outcome } from '../core/tasks/run-batch/outcome.ts'
import { runOnce } from '../core/tasks/run-batch/task.ts'
import { cancelRun } from '../core/tasks/runs/cancel.ts'
import { uploadCode } from '../core/tasks/upload-code/task.ts'
import type { Archive, Compute, Objects, World } from '../core/world.ts'
import type { Actor } from './actor.ts'
import type { History, Told } from './history.ts'

/** A program of the CI's or a person's, with all that it may touch. */
export interface Caller {
  readonly actor: Actor
  readonly objects: Objects
  readonly compute: Compute
  readonly history: History
  readonly signal: AbortSignal
  /** What the step keeps for the one after it. */
  readonly state: Map<string, string>
  /** What it passed on of the work's output. */
  readonly heard: string[]
}

export const place = { project: 'p', bucket: 'depot' }

const agent = { digest: 'f'.repeat(64), file: 'agent.js', bootstrap: '#!/bin/sh\n' }

/** Keeps what the work said. */
function openLog(heard: string[]): Log {
  const ignore = () => undefined
  return {
    info: ignore,
    warn: ignore,
    output: (text) => void heard.push(...text.split('\n').filter(Boolean)),
    group: ignore,
    endGroup: ignore,
    progress: ignore,
  }
}

/** Asks for a run, as the action, the plugin and the CLI do once the plan is made. */
export function askForRun(
  caller: Caller,
  run: RunRecord,
  {
    jobAttempt,
    retry,
    wait,
  }: { readonly jobAttempt: number; readonly retry: boolean; readonly wait: boolean },
  lent: Partial<World> = {},
): Promise<void> {
  const plan = { ...place, wait, retry, run }
  return hear(
    caller,
    () => runOnce.run(plan, openSession(caller, { jobAttempt }, lent)),
    (outcome) => describe(outcome, runOnce.report(outcome, plan).exitCode),
  )
}

/** The step after a cancelled or killed one. */
export function finishRun(caller: Caller, lent: Partial<World> = {}): Promise<void> {
  const { state } = caller
  const ask = {
    run: state.get('run'),
    bucket: state.get('bucket'),
    project: state.get('project'),
    ended: state.get('ended'),
  }
  return hear(
    caller,
    () => finishBatch.run(ask, openSession(caller, { jobAttempt: 1 }, lent)),
    ([outcome]) => describeClosing(outcome),
  )
}

/** `mayfly runs cancel`. */
export function cancelByHand(caller: Caller, run: RunRecord, lent: Partial<World> = {}): Promise<void> {
  const ask = { ...place, run: runPath(run.batch, run.id) }
  const session = openSession(caller, { jobAttempt: 1 }, lent)
  return hear(caller, () => cancelRun.run(ask, session), describeClosing)
}

/** Uploads a tag's code; what it holds is told apart by its digest. */
export function upload(caller: Caller, digest: string): Promise<void> {
  const archive: Archive = {
    file: `archive ${digest}`,
    digest,
    size: 10_240,
    compressedSize: `archive ${digest}`.length,
    crc32c: digest.slice(0, 6),
    files: 3,
    lfs: [],
    [Symbol.asyncDispose]: async () => undefined,
  }
  const git = { archive: async () => archive } as unknown as Session['world']['git']
  const plan = {
    ...place,
    name: 'recommender',
    tag: 'v1',
    commit: digest.slice(0, 40),
    repository: 'acme/recommender',
    submodules: false,
    pointer: releasePointerName('recommender', 'v1'),
  }
  return hear(
    caller,
    () => uploadCode.run(plan, openSession(caller, { jobAttempt: 1 }, { git })),
    ({ release }) => ({ exitCode: 0, digest: release.digest }),
  )
}

/** The signals that GitHub sends a step that is cancelled, until the step is gone. */
export function interrupt({ actor }: Caller, abort: AbortController): void {
  actor.hear(() => abort.abort(new CancelledError('SIGINT')))
  actor.after(10_000, () => actor.die())
}

export type Answer = Omit<Told, 'by' | 'at' | 'heard'>

/** Keeps what a caller was told in the end, if it lived to hear it. */
export async function hear<T>(
  { actor, history, heard }: Caller,
  act: () => Promise<T>,
  describeAnswer: (result: T) => Answer,
): Promise<void> {
  let answer: Answer
  try {
    answer = describeAnswer(await act())
  } catch (error) {
    // What Mayfly throws is for people; anything else would be a bug of its own.
    const kind = error instanceof MayflyError ? error.name : 'a bug'
    answer = { exitCode: readExitCode(error), error: `${kind}: ${(error as Error).message}` }
  }
  if (!actor.alive) return
  history.told.push({ by: actor.name, at: actor.now, heard, ...answer })
  actor.die()
}

function describe(outcome: Outcome, exitCode: number): Answer {
  return {
    exitCode,
    run: outcome.run,
    attempt: outcome.attempt,
    state: outcome.state,
    runExitCode: outcome.exitCode,
    machineGone: outcome.machineGone !== undefined,
  }
}

/** Whoever ends a run is told what became of it; that the run did not succeed is no failure of the ending. */
function describeClosing(outcome: Outcome | undefined): Answer {
  return outcome === undefined ? { exitCode: 0 } : describe(outcome, outcome.leftover === undefined ? 0 : 70)
}

/** What a task works with; a port that is not lent is one that it has no need of. */
export function openSession(
  { actor, objects, compute, signal, state, heard }: Caller,
  context: Omit<Context, 'by'>,
  lent: Partial<World> = {},
): Session {
  const refuse = () => Promise.reject(new Error('No task here asks for this.'))
  return {
    world: {
      clock: actor.clock,
      git: {} as Session['world']['git'],
      files: { read: refuse },
      objects: async () => objects,
      compute: async () => compute,
      agent: async () => agent,
      images: refuse,
      fleet: refuse,
      batchJobs: refuse,
      survey: refuse,
      slack: refuse,
      releasePages: refuse,
      commitRecords: refuse,
      builder: refuse,
      ...lent,
    },
    context: { ...context, by: actor.name },
    log: openLog(heard),
    signal,
    spell: (field) => field,
    saveState: (name, value) => void state.set(name, value),
    setOutput: () => undefined,
  }
}
