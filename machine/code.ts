import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CloudError } from '../core/errors.ts'
import { persist } from '../core/protocol/persist.ts'
import type { RunRecord } from '../core/protocol/records.ts'
import type { Job } from './job.ts'
import { emptyFolder } from './places.ts'
import { codeBroken, codeDiffers, codeMissing, WorkError } from './verdicts.ts'

type Code = NonNullable<RunRecord['code']>

/** Puts the release into the work directory, as it streams in. Throws a WorkError when it is not the planned one. */
export async function fetchCode(job: Job, code: Code): Promise<void> {
  const { objects, places, clock, deadline } = job
  const found = await persist(
    async () => {
      await emptyFolder(places.work)
      return unpack(objects.open(code.object), places.work, deadline.stop)
    },
    { clock, signal: deadline.stop },
  ).catch((error) => {
    if (error instanceof CloudError && error.failure === 'not-found')
      throw new WorkError(codeMissing(code, objects.bucket), { cause: error })
    if (error instanceof CloudError || deadline.stop.aborted) throw error
    throw new WorkError(codeBroken(code, (error as Error).message), { cause: error })
  })
  if (found !== code.digest) throw new WorkError(codeDiffers(code, found))
}

/** Gives `sha256:` and the digest of the tar. */
async function unpack(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  // Owners in an archive are those of another machine.
  const tar = spawn('tar', ['-x', '-o', '-f', '-', '-C', folder], { stdio: ['pipe', 'ignore', 'pipe'] })
  const end = waitForEnd(tar)
  // Its failure is looked at when the pipeline has ended.
  end.catch(() => undefined)
  const pass = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const bytes of source) {
      hash.update(bytes)
      yield bytes
    }
  }
  try {
    await pipeline(Readable.from(archive), createGunzip(), pass, tar.stdin, { signal })
  } catch (error) {
    if (!brokenPipe.has((error as NodeJS.ErrnoException).code ?? '')) {
      tar.kill('SIGKILL')
      await Promise.allSettled([end])
      throw error
    }
  }
  await end
  return `sha256:${hash.digest('hex')}`
}

/** How a program that ended before its input shows: what it said itself is the reason. */
const brokenPipe = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'])

/** Throws with what the program said when it failed. */
async function waitForEnd(tar: ChildProcessByStdio<Writable, null, Readable>): Promise<void> {
  const [said, exitCode] = await Promise.all([
    text(tar.stderr),
    new Promise<number | null>((resolve, reject) => {
      tar.once('error', reject)
      tar.once('close', resolve)
    }),
  ])
  if (exitCode !== 0) throw new Error(said.trim() || `tar ended with ${exitCode}`)
}
