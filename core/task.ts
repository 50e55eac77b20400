import type { Fields, Inputs } from './fields.ts'
import type { Context, Log, Report } from './host.ts'
import type { World } from './world.ts'

/** What a task works with: the world, and the host it was asked from. */
export interface Session {
  readonly world: World
  readonly context: Context
  readonly log: Log
  /** Aborts when the host wants the work to stop. */
  readonly signal: AbortSignal
  /** How the caller writes a field, for messages. */
  readonly spell: (field: string) => string
  readonly saveState: (name: string, value: string) => void
  readonly setOutput: (name: string, value: string) => void
}

/**
 * A task, the same in every door. `plan` reads and decides and changes nothing; what it returns is data and is what
 * `dry_run` prints. `run` acts on it.
 */
export interface Task<F extends Fields = Fields, Plan = unknown, Result = unknown> {
  readonly name: string
  /** One sentence for people. */
  readonly summary: string
  readonly fields: F
  /** The outputs for later steps: name → description. */
  readonly outputs: Readonly<Record<string, string>>
  plan(inputs: Inputs<F>, session: Session): Promise<Plan>
  run(plan: Plan, session: Session): Promise<Result>
  report(result: Result, plan: Plan): Report
}

/** Infers a task's types from its fields and functions. */
export function defineTask<const F extends Fields, Plan, Result>(
  task: Task<F, Plan, Result>,
): Task<F, Plan, Result> {
  return task
}
