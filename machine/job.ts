import type { InputResult, OutputResult, Phase, RunRecord, StepResult } from '../core/protocol/records.ts'
import type { Clock, Objects } from '../core/world.ts'
import { startWatch } from './clock.ts'
import type { Deadline } from './deadline.ts'
import type { Google } from './google.ts'
import type { MaskedLog } from './masked-log.ts'
import type { Self } from './metadata.ts'
import type { Places } from './places.ts'
import type { SecretValues } from './secrets.ts'

/** What an attempt works with. */
export interface Job {
  readonly self: Self
  readonly run: RunRecord
  readonly places: Places
  readonly log: Pick<MaskedLog, 'write' | 'hide'>
  readonly clock: Clock
  readonly deadline: Deadline
  /** The depot. */
  readonly objects: Objects
  /** Another bucket, for outputs. */
  openBucket(name: string): Objects
  readonly google: Pick<Google, 'secrets' | 'tokens' | 'local'>
  readonly secrets: SecretValues
  readonly facts: Facts
}

/** What has happened so far; kept beside the work, so that an end in the middle can tell of it. */
export interface Facts {
  began: boolean
  inputs?: readonly InputResult[]
  readonly steps: StepResult[]
  readonly phases: Phase[]
  readonly outputs: OutputResult[]
  secrets?: string[]
  checkpoint?: { readonly restored?: string; readonly kept?: string }
  manifest?: { readonly object: string; readonly sha256: string }
  /** What goes on at the moment, for messages. */
  during: string
}

export function openFacts(): Facts {
  return { began: false, steps: [], phases: [], outputs: [], during: 'its start' }
}

/** Does a part of the work and takes its time down, however it ends. */
export async function measure<T>(facts: Facts, name: string, act: () => Promise<T>): Promise<T> {
  const seconds = startWatch()
  facts.during = name
  try {
    return await act()
  } finally {
    facts.phases.push({ name, seconds: seconds() })
  }
}
