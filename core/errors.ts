/** Exit codes that Mayfly itself gives; a step's own code passes through unchanged. */
export const exitCodes = {
  success: 0,
  badInput: 64,
  conflict: 65,
  imagePull: 66,
  stockout: 69,
  unknown: 70,
  preempted: 71,
  unwell: 72,
  quota: 73,
  outputs: 74,
  lost: 75,
  permission: 77,
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const

export interface MayflyErrorOptions extends ErrorOptions {
  /** `site.yml:12:5`: the line that is to blame. */
  readonly where?: string | undefined
}

/** An error that ends a task with one clear message and an exit code of its own. */
export class MayflyError extends Error {
  override readonly name: string = 'MayflyError'
  readonly exitCode: number
  readonly where: string | undefined

  constructor(message: string, exitCode: number, options?: MayflyErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
    this.where = options?.where
  }
}

/** One thing wrong with an input: where it stands (in the caller's spelling) and what to do about it. */
export interface Problem {
  readonly where: string
  readonly message: string
}

/** Inputs or a file that cannot be used; lists every problem found. Nothing has been done. */
export class InputError extends MayflyError {
  override readonly name = 'InputError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(
      problems.map(({ where, message }) => `${where}: ${message}`).join('\n'),
      exitCodes.badInput,
      options,
    )
    this.problems = problems
  }
}

/** What was asked for exists already and differs. Nothing has been changed. */
export class ConflictError extends MayflyError {
  override readonly name = 'ConflictError'

  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.conflict, options)
  }
}

/** What Google's answer allows the caller to do next. */
export type CloudFailure =
  | 'permission'
  | 'not-found'
  | 'exists'
  | 'invalid'
  | 'stockout'
  | 'quota'
  | 'busy'
  /** No answer, or one that does not tell whether the call had its effect: look before acting. */
  | 'unknown'

const cloudExitCodes: Record<CloudFailure, number> = {
  permission: exitCodes.permission,
  'not-found': exitCodes.badInput,
  exists: exitCodes.conflict,
  invalid: exitCodes.badInput,
  stockout: exitCodes.stockout,
  quota: exitCodes.quota,
  busy: exitCodes.unknown,
  unknown: exitCodes.unknown,
}

export interface CloudErrorOptions extends ErrorOptions {
  /** Zones that Google says have room, with a stockout. */
  readonly zonesAvailable?: readonly string[]
}

/** A call to Google that did not do what was asked, in one of the classes that callers act on. */
export class CloudError extends MayflyError {
  override readonly name = 'CloudError'
  readonly failure: CloudFailure
  /** Google's own name of the method, such as `compute.instances.insert`. */
  readonly method: string
  readonly zonesAvailable: readonly string[]

  constructor(failure: CloudFailure, method: string, message: string, options: CloudErrorOptions = {}) {
    super(`${method}: ${message}`, cloudExitCodes[failure], options)
    this.failure = failure
    this.method = method
    this.zonesAvailable = options.zonesAvailable ?? []
  }
}

/** A program that failed; keeps the end of what it said. */
export class CommandError extends MayflyError {
  override readonly name = 'CommandError'
  readonly command: string
  readonly output: string

  constructor(command: string, output: string, message: string, options?: MayflyErrorOptions) {
    super(message, exitCodes.unknown, options)
    this.command = command
    this.output = output
  }
}

/** The work was stopped from outside: 130 for SIGINT, 143 for SIGTERM. */
export class CancelledError extends MayflyError {
  override readonly name = 'CancelledError'

  constructor(signal: 'SIGINT' | 'SIGTERM', options?: ErrorOptions) {
    super(
      `Cancelled by ${signal}.`,
      signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated,
      options,
    )
  }
}

/** The exit code for anything that was thrown. */
export function readExitCode(error: unknown): number {
  return error instanceof MayflyError ? error.exitCode : exitCodes.unknown
}
