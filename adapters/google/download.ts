import { openCrc32c } from '../../core/crc32c.ts'
import { isPassing } from './failure-classes.ts'
import { CallFailure } from './failures.ts'
import type { OpenAnswer } from './transport.ts'

/** Begins a download at a byte, of one generation once it is known. */
export type BeginDownload = (offset: number, generation: string | undefined) => Promise<OpenAnswer>

/** What the bytes of an object have to be. */
export interface Expected {
  readonly size: number
  readonly crc32c: string
}

// Faults in a row that brought no byte.
const mostFaults = 3

/**
 * The bytes of an object as they come; after a fault it goes on from the byte where it stood. At the end size and crc32c
 * have to be those that Google keeps, which the client checks only sometimes. An object that is stored gzipped comes
 * unpacked, as Google serves it to everyone; then nothing is known about its bytes, and a fault ends it.
 */
export async function* download(
  begin: BeginDownload,
  stat: () => Promise<Expected>,
  wanted?: string,
): AsyncIterable<Uint8Array> {
  const crc = openCrc32c()
  let offset = 0
  const answer = await begin(0, wanted)
  const { headers } = answer
  const generation = headers.get('x-goog-generation') ?? undefined
  const expected = readExpected(headers)
  const packed = headers.get('x-goog-stored-content-encoding') === 'gzip'
  const again = packed ? undefined : (from: number) => begin(from, generation)
  for await (const chunk of resumeDownload(answer, again, expected?.size)) {
    crc.update(chunk)
    offset += chunk.length
    yield chunk
  }
  if (packed) return
  const { size, crc32c } = expected ?? (await stat())
  if (offset === size && crc.digest() === crc32c) return
  throw new CallFailure(
    `got ${offset} bytes with crc32c ${crc.digest()}, but Google keeps ${size} bytes with ${crc32c}`,
  )
}

/** The bytes of an answer, and after a fault those of another one that begins where it stood. */
export async function* resumeDownload(
  first: OpenAnswer,
  again: ((offset: number) => Promise<OpenAnswer>) | undefined,
  size?: number,
): AsyncIterable<Uint8Array> {
  let offset = 0
  let faults = 0
  for (let answer = first; ; ) {
    try {
      for await (const chunk of answer.body) {
        offset += chunk.length
        faults = 0
        yield chunk
      }
      return
    } catch (error) {
      const passing = error instanceof CallFailure && isPassing(error, 1)
      if (again === undefined || !passing || ++faults > mostFaults) throw error
      if (offset === size) return
      answer = await again(offset)
    }
  }
}

function readExpected(headers: Headers): Expected | undefined {
  const size = headers.get('x-goog-stored-content-length')
  const [, crc32c] = /crc32c=([^,\s]+)/.exec(headers.get('x-goog-hash') ?? '') ?? []
  return size && crc32c ? { size: Number(size), crc32c } : undefined
}
