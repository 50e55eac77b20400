import type { BatchFile } from '../../batch/read.ts'
import type { Session } from '../../task.ts'
import type { Compute, MachineType, ProjectRecord, Survey } from '../../world.ts'

/** What is to be looked at. */
export interface Ask {
  readonly project: string
  readonly bucket: string
  readonly batch: string | undefined
  readonly image: string | undefined
  readonly zones: readonly string[]
  readonly serviceAccount: string | undefined
  readonly buildImages: boolean
  readonly boot: boolean
}

/** What every check works with. What several of them ask is asked once. */
export interface Visit {
  readonly ask: Ask
  readonly session: Session
  readonly survey: Survey
  readonly compute: Compute
  /** The caller, as gcloud writes it. */
  readonly member: string
  /** Absent: none was given, or it cannot be read. */
  readonly file?: BatchFile
  /** Of the batch file, else those that were given. */
  readonly zones: readonly string[]
  project(): Promise<ProjectRecord>
  types(zone: string): Promise<readonly MachineType[]>
}

/** Asks once, and gives everyone the same answer. */
export function remember<Value>(ask: (of: string) => Promise<Value>): (of: string) => Promise<Value> {
  const answers = new Map<string, Promise<Value>>()
  return (of) => {
    const answer = answers.get(of) ?? ask(of)
    answers.set(of, answer)
    return answer
  }
}
