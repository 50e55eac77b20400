import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileMetadata } from '@google-cloud/storage'
import { planPause } from '../../core/retry.ts'
import { isPassing } from './failure-classes.ts'
import { CallFailure } from './failures.ts'
import { type Answer, readJson, type Transport } from './transport.ts'

const chunkBytes = 1 << 18

export interface FileUpload {
  /** Address of the upload session, as Google gave it. */
  readonly session: string
  readonly path: string
  /** Bytes of the file. */
  readonly size: number
  readonly signal?: AbortSignal
}

/**
 * Sends a file into an upload session in one request, and after a fault goes on from where Google says it got
 * (https://cloud.google.com/storage/docs/performing-resumable-uploads#resume-upload). The client does this only in chunks
 * that it keeps in memory: a stream cannot go back (googleapis/nodejs-storage#2193), a file can. Returns the object.
 */
export async function uploadFile(transport: Transport, upload: FileUpload): Promise<FileMetadata> {
  let offset = 0
  let since = { offset, tries: 0, at: performance.now() }
  for (;;) {
    let answer = await sendRest(transport, upload, offset)
    // An answer that breaks off says that the upload is over, and not how.
    if (answer.status !== 308 && readObject(answer) === undefined) answer = await askState(transport, upload)
    if (answer.status !== 308) return readJson(answer)
    offset = readOffset(answer)
    if (offset > since.offset) since = { offset, tries: 0, at: performance.now() }
    const progress = { tries: ++since.tries, elapsedMs: performance.now() - since.at }
    const pause = planPause(transport.retry, progress, Math.random)
    if (pause === undefined)
      throw new CallFailure(`the upload stands still at byte ${offset} of ${upload.size}`)
    await sleep(pause, undefined, { signal: upload.signal })
  }
}

async function sendRest(transport: Transport, upload: FileUpload, offset: number): Promise<Answer> {
  const { session, path, size, signal } = upload
  const call = { http: 'PUT', url: session, accepts: isUploadAnswer, ...(signal && { signal }) }
  try {
    return await transport.send({
      ...call,
      headers: {
        'content-length': String(size - offset),
        'content-range': `bytes ${offset}-${size - 1}/${size}`,
      },
      body: () => readFrom(path, offset),
      repeatable: false,
    })
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    if (error.refusal?.status === 404 || error.refusal?.status === 410) {
      throw new CallFailure(`the upload session has ended: ${error.message}`, { cause: error })
    }
    // A fault without a code is a 308, which fetch takes for a redirect.
    const redirected = !error.refusal && !error.code
    if (!redirected && !isPassing(error, 1)) throw error
    return askState(transport, upload)
  }
}

/** How far the upload is: 308 and a range, or the object when it is over. */
function askState(transport: Transport, { session, size, signal }: FileUpload): Promise<Answer> {
  return transport.send({
    http: 'PUT',
    url: session,
    accepts: isUploadAnswer,
    headers: { 'content-range': `bytes */${size}` },
    repeatable: true,
    ...(signal && { signal }),
  })
}

function readObject(answer: Answer): FileMetadata | undefined {
  try {
    return readJson(answer)
  } catch {
    return undefined
  }
}

/** 308 says "go on from here". */
function isUploadAnswer(status: number): boolean {
  return status === 200 || status === 201 || status === 308
}

/** Opens the file when the network asks for it, so that a try that never gets that far leaves nothing open. */
async function* readFrom(path: string, start: number): AsyncIterable<Uint8Array> {
  yield* createReadStream(path, { start, highWaterMark: chunkBytes })
}

/** Without a Range, nothing has arrived. */
function readOffset({ headers }: Answer): number {
  const [, last] = /^bytes=0-(\d+)$/.exec(headers.get('range') ?? '') ?? []
  return last === undefined ? 0 : Number(last) + 1
}
