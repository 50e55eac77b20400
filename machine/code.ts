import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CloudError } from '../core/errors.ts'
import { persist } from '../core/protocol/persist.ts'
import type { RunRecord } from '../core/protocol/records.ts'
import type { Job } from './job.ts'
import { emptyFolder } from './places.ts'
import { codeDiffers, codeFailed, codeMissing, WorkError } from './verdicts.ts'

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
    throw error
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
  const said = text(tar.stderr)
  const exit = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject)
    tar.once('close', resolve)
  })
  let whole = false
  async function* watch(source: AsyncIterable<Uint8Array>) {
    for await (const bytes of source) {
      hash.update(bytes)
      yield bytes
    }
    whole = true
  }
  const fed = await pipeline(Readable.from(archive), createGunzip(), watch, tar.stdin, { signal }).catch(
    (error: unknown) => error ?? new Error('the pipe broke'),
  )
  if (fed !== undefined && !whole) tar.kill('SIGKILL')
  const exitCode = await exit
  // tar leaves at the archive's end, which may be before the pipe is known to be flushed: with all of it read, that is well.
  if (exitCode === 0 && whole) return `sha256:${hash.digest('hex')}`
  // A tar that ends early breaks the pipe; its own words say more.
  const why = exitCode === null ? '' : (await said).trim()
  if (why === '' && fed !== undefined) throw fed
  throw new WorkError(codeFailed(`The code could not be unpacked: ${why}`))
}
