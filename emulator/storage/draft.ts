import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { crc32c, encodeCrc32c } from '../crc32c.ts'

/** Cloud Storage keeps an unfinished upload in whole blocks of this many bytes. */
export const blockBytes = 256 * 1024

// Large enough that a write costs little beside the hashes of what it writes.
const writeBytes = 4 * blockBytes

/** Bytes in a file of their own, ready to become an object's. Hashes in base64; composed objects have no MD5. */
export interface Content {
  readonly path: string
  readonly size: number
  readonly crc32c: string
  readonly md5Hash?: string
  readonly componentCount?: number
}

/** Bytes on their way in: hashed and written in one pass, with little of them in memory. */
export interface Draft extends AsyncDisposable {
  /** Bytes kept so far. */
  readonly size: number
  /** Keeps the whole blocks that come; all of the stream only when it is the `last` and comes to its end. */
  append(source: AsyncIterable<Buffer>, options: { readonly last: boolean }): Promise<void>
  content(): Content
}

/** A draft in the file at `path`; with `resume`, what an earlier process left there is its beginning. */
export async function openDraft(path: string, { resume = false } = {}): Promise<Draft> {
  const md5 = createHash('md5')
  let crc = 0
  let size = 0
  function count(bytes: Buffer) {
    md5.update(bytes)
    crc = crc32c(bytes, crc)
    size += bytes.length
  }
  if (resume) for await (const bytes of createReadStream(path, { highWaterMark: writeBytes })) count(bytes)

  return {
    get size() {
      return size
    },
    async append(source, { last }) {
      await using file = await open(path, 'a')
      let waiting: Buffer[] = []
      let waitingBytes = 0
      const wholeBlocks = () => Math.max(0, waitingBytes - ((size + waitingBytes) % blockBytes))
      async function keep(length: number) {
        const all = Buffer.concat(waiting, waitingBytes)
        waiting = [all.subarray(length)]
        waitingBytes -= length
        const bytes = all.subarray(0, length)
        // One thread writes while this one hashes.
        const writing = file.appendFile(bytes)
        count(bytes)
        await writing
      }
      try {
        for await (const chunk of source) {
          waiting.push(chunk)
          waitingBytes += chunk.length
          if (waitingBytes >= writeBytes) await keep(wholeBlocks())
        }
        if (last) await keep(waitingBytes)
      } finally {
        await keep(wholeBlocks())
      }
    },
    content: () => ({ path, size, crc32c: encodeCrc32c(crc), md5Hash: md5.copy().digest('base64') }),
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  }
}
