import type { Destination } from './notify/destination.ts'
import type { BatchJobs } from './ports/batch-jobs.ts'
import type { Builder } from './ports/builder.ts'
import type { Compute, Fleet } from './ports/compute.ts'
import type { Files, Git } from './ports/git.ts'
import type { Images } from './ports/images.ts'
import type { CommitRecords, ReleasePages, Slack } from './ports/notices.ts'
import type { Objects } from './ports/storage.ts'
import type { Survey } from './ports/survey.ts'

export type * from './ports/batch-jobs.ts'
export type * from './ports/builder.ts'
export type * from './ports/compute.ts'
export type * from './ports/git.ts'
export type * from './ports/images.ts'
export type * from './ports/notices.ts'
export type * from './ports/storage.ts'
export type * from './ports/survey.ts'

/** The time of this computer, put right by Google's answers. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The agent that this very version puts on machines. */
export interface AgentBundle {
  /** sha256, hex. */
  readonly digest: string
  readonly file: string
  /** The startup script that finds the agent on a machine and runs it: a constant. */
  readonly bootstrap: string
}

/**
 * All that a task may touch. Cloud ports are opened on first use, so that a task without a machine never loads
 * Compute Engine.
 */
export interface World {
  readonly clock: Clock
  readonly git: Git
  readonly files: Files
  objects(bucket: string): Promise<Objects>
  compute(project: string): Promise<Compute>
  images(project: string): Promise<Images>
  fleet(project: string): Promise<Fleet>
  batchJobs(project: string): Promise<BatchJobs>
  survey(project: string): Promise<Survey>
  agent(): Promise<AgentBundle>
  builder(): Promise<Builder>
  slack(destination: Destination): Promise<Slack>
  releasePages(token: string): Promise<ReleasePages>
  commitRecords(token: string): Promise<CommitRecords>
}
