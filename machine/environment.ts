import { homedir } from 'node:os'
import type { PlannedStep, RunRecord } from '../core/protocol/records.ts'

/**
 * What a local machine is told about where Google is, and whose process a process is: a step that reads a bucket has
 * to reach the same Google as the agent. A real machine has none of these.
 */
const local = /^(GCE_METADATA_|STORAGE_EMULATOR_HOST$|CLOUDSDK_API_ENDPOINT_OVERRIDES_|MAYFLY_MACHINE$)/

/** The variables that a step is given, in a container or not. */
export function listVariables(
  run: RunRecord,
  attempt: number,
  step: PlannedStep,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const inherited = Object.entries(process.env).filter(([name]) => local.test(name))
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    ...run.env,
    ...step.env,
    ...secrets,
    MAYFLY_RUN: run.id,
    MAYFLY_BATCH: run.batch,
    MAYFLY_ATTEMPT: String(attempt),
    MAYFLY_STEP: step.name,
  }
}

/** What a program on the machine itself finds before its own variables. */
export function baseEnvironment(tmp: string): Readonly<Record<'PATH' | 'HOME' | 'LANG' | 'TMPDIR', string>> {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // A startup script has no HOME.
    HOME: process.env.HOME ?? homedir(),
    LANG: process.env.LANG ?? 'C.UTF-8',
    TMPDIR: tmp,
  }
}
