import { InputError, MayflyError, type Problem } from '../../core/errors.ts'

/** One thing that went wrong, and its place in a file where that is known. */
export interface Fault {
  readonly message: string
  readonly place?: { readonly file: string; readonly line: string; readonly column: string }
}

/** What to tell of an error: each of its problems by itself. */
export function describeFaults(error: unknown): readonly Fault[] {
  if (error instanceof InputError) return error.problems.map(describeProblem)
  if (error instanceof MayflyError) return [{ message: error.message, ...readPlace(error.where) }]
  return [{ message: error instanceof Error ? error.message : String(error) }]
}

function describeProblem({ where, message }: Problem): Fault {
  return { message: `${where}: ${message}`, ...readPlace(where) }
}

/** The place that `batch.yaml:12:5` names; none of a field's name. */
export function readPlace(where = ''): Pick<Fault, 'place'> {
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(where) ?? []
  if (file === undefined || line === undefined || column === undefined) return {}
  return { place: { file, line, column } }
}

/** What stands behind an error: for one that nobody foresaw, where it arose; and causes not yet told. */
export function explainOrigin(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const stack = error instanceof MayflyError ? [] : (error.stack?.split('\n').slice(1) ?? [])
  const causes = readCauses(error).filter((cause) => !error.message.includes(cause))
  return [...stack, ...causes.map((cause) => `Cause: ${cause}`)]
}

function readCauses({ cause }: Error): readonly string[] {
  if (cause === undefined) return []
  return cause instanceof Error ? [cause.message, ...readCauses(cause)] : [String(cause)]
}
