import type { Problem } from './errors.ts'
import type { Fact } from './table.ts'

/** What a task says while it works. Lines are for people; nothing reads them back. */
export interface Log {
  info(line: string): void
  warn(line: string): void
  /** Text of the user's own programs, passed on as it is: it may hold partial lines and must never act as a command to the CI. */
  output(text: string): void
  /** Opens a foldable group that lasts until the next one or `endGroup`. */
  group(title: string): void
  endGroup(): void
  /** A figure that moves; shown on terminals only. */
  progress(line: string): void
}

/** Where a task was asked for. */
export interface Context {
  /** `owner/name`, where the host knows it. */
  readonly repository?: string
  readonly tag?: string
  readonly commit?: string
  /** Names the CI job, the same on a retry of it; absent on a terminal, where every call is a new wish. */
  readonly job?: string
  /** Which try of the job this is, from 1. */
  readonly jobAttempt: number
  /** Address of the CI job for people. */
  readonly link?: string
  /** Who or what asked, for records: `github octocat`, `drone`, `terminal ada`. */
  readonly by: string
}

/** A result in short, for CI systems that show one beside the log. Plain text. */
export interface Card {
  readonly title: string
  readonly facts: readonly Fact[]
}

/** What a task gives back, in every shape that a host may want. */
export interface Report {
  readonly exitCode: number
  /** Outputs for later steps: snake_case names, text values. */
  readonly outputs: Readonly<Record<string, string>>
  /** For a terminal. */
  readonly lines: readonly string[]
  /** Markdown, for a job summary. */
  readonly summary: string
  readonly card?: Card
  /** The whole result, for programs. */
  readonly json: unknown
  /** Said as an error when the exit code is not 0. */
  readonly failure?: string
  /** `batch.yaml:12:5`: the line that the failure is of. */
  readonly failureAt?: string
}

/** A CI system or a terminal. The only thing that knows its environment. */
export interface Host {
  /** For people: the CI system's own name, or `terminal`. */
  readonly name: string
  readonly context: Context
  readonly log: Log
  /** Aborts when the host wants the work to stop; the reason is a CancelledError. */
  readonly signal: AbortSignal
  /** Every input that was given, by canonical snake_case name, also those that no task knows. */
  given(): Readonly<Record<string, string | readonly string[]>>
  /** How the caller writes a field: `machine_type`, `--machine-type`. */
  spell(field: string): string
  /** What is wrong when a field was given as another kind of host would be given it, and so would not be heard. */
  findMisplaced?(field: string): Problem | undefined
  env(name: string): string | undefined
  mask(secret: string): void
  /** Kept for the post step, where the host has one. Durable before it returns. */
  saveState(name: string, value: string): void
  /** Outputs that later steps may read even if this one is killed. */
  setOutput(name: string, value: string): void
  report(report: Report): void
  fail(error: unknown, exitCode: number): void
}
