import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlannedStep } from '../core/protocol/records.ts'

/** Writes the steps' scripts, all of them before the first step: a later one has to run even on a full disk. */
export async function writeScripts(folder: string, steps: readonly PlannedStep[]): Promise<void> {
  for (const [index, { run }] of steps.entries())
    if (run !== undefined) await writeFile(join(folder, nameScript(index)), run)
}

export function nameScript(index: number): string {
  return `${index + 1}.sh`
}

/** What runs a script on the machine itself: a failed command ends it, in a pipe as well where the shell can do that. */
export function chooseShell(path: string): readonly string[] {
  const { status } = spawnSync('bash', ['-c', ':'], { env: { PATH: path } })
  return status === 0 ? ['bash', '-eo', 'pipefail'] : ['sh', '-e']
}
