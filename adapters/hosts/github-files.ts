import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { exitCodes, MayflyError } from '../../core/errors.ts'

type File = 'GITHUB_OUTPUT' | 'GITHUB_STATE'

/**
 * Hands a value to the runner, which reads the file when the step is over, even one that was killed. The delimiter
 * is one that no value can hold by intent.
 */
export function appendValue(env: NodeJS.ProcessEnv, file: File, name: string, value: string): void {
  const path = env[file]
  if (!path) {
    throw new MayflyError(
      `${file} is not set, so that ${name} cannot be handed on: this is no GitHub runner.`,
      exitCodes.unknown,
    )
  }
  const delimiter = `mayfly-${randomUUID()}`
  appendFileSync(path, `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
}

/** Over this many bytes the runner drops the summary whole (FileCommandManager.cs). */
const summaryLimit = 1024 * 1024

const cutNote = '\n\n… The rest of this summary is over what GitHub shows (1 MiB).\n'

/** Writes the job summary, as much of it as GitHub shows. */
export function writeSummary(env: NodeJS.ProcessEnv, markdown: string): void {
  const path = env.GITHUB_STEP_SUMMARY
  if (path) appendFileSync(path, cutSummary(markdown))
}

function cutSummary(markdown: string): string | Uint8Array {
  const bytes = Buffer.from(markdown)
  if (bytes.length <= summaryLimit) return markdown
  const room = summaryLimit - Buffer.byteLength(cutNote)
  // At the end of a line, so that no character and no table row is torn.
  const end = Math.max(0, bytes.lastIndexOf('\n', room))
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(cutNote)])
}
