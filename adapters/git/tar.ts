const block = 512

/** git pads its tars to this (archive-tar.c: BLOCKSIZE). */
const record = 20 * block

/** One member of a tar. */
export interface Entry {
  readonly path: string
  readonly directory: boolean
}

/**
 * The bytes of a tar up to its end-of-archive blocks, so that tars can be put together; tells of each entry as it
 * passes. Throws when the tar stops before its end. Understands ustar and pax, which is what git writes.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  onEntry: (entry: Entry) => void,
): AsyncGenerator<Uint8Array> {
  const measure = followEntries(onEntry)
  let ended = false
  for await (const bytes of inBlocks(source)) {
    // Read on to the end of the source even so: only that tells whether all went well.
    if (ended) continue
    const length = measure(bytes)
    ended = length < bytes.length
    if (length > 0) yield bytes.subarray(0, length)
  }
  if (!ended) throw new Error('The tar stops before its end.')
}

/** Reads along a tar, and gives how many of the next bytes, whole blocks, come before its end. */
function followEntries(onEntry: (entry: Entry) => void): (bytes: Uint8Array) => number {
  /** Bytes of the entry's data that are still to come, padding included. */
  let rest = 0
  /** The data of a pax header as it comes, and what it then says of the next entry. */
  let header: Uint8Array[] | undefined
  let extension: ReadonlyMap<string, string> = new Map()

  const begin = ({ type, path, size }: Header) => {
    rest = Math.ceil(Number(extension.get('size') ?? size) / block) * block
    if (type === 'x') header = []
    if (type === 'x' || type === 'g') return
    onEntry({ path: extension.get('path') ?? path, directory: type === '5' })
    extension = new Map()
  }
  const pass = (data: Uint8Array) => {
    rest -= data.length
    header?.push(data)
    if (rest > 0 || !header) return
    extension = readRecords(Buffer.concat(header))
    header = undefined
  }
  return (bytes) => {
    let at = 0
    while (at < bytes.length) {
      if (rest === 0 && bytes[at] === 0) return at
      const piece = bytes.subarray(at, at + (rest || block))
      if (rest === 0) begin(readHeader(piece))
      else pass(piece)
      at += piece.length
    }
    return at
  }
}

/** What belongs after `size` bytes of entries: two blocks of zeros at least, up to a whole record. */
export function endTar(size: number): Uint8Array {
  return new Uint8Array(Math.ceil((size + 2 * block) / record) * record - size)
}

/** The same bytes in pieces of whole blocks. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let odd = Buffer.alloc(0)
  for await (const chunk of source) {
    const bytes = odd.length === 0 ? chunk : Buffer.concat([odd, chunk])
    const whole = bytes.length - (bytes.length % block)
    odd = Buffer.from(bytes.subarray(whole))
    if (whole > 0) yield bytes.subarray(0, whole)
  }
  if (odd.length > 0) throw new Error('The tar stops in the middle of a block.')
}

interface Header {
  readonly type: string
  readonly path: string
  readonly size: number
}

function readHeader(bytes: Uint8Array): Header {
  const text = (from: number, length: number) => {
    const field = Buffer.from(bytes.buffer, bytes.byteOffset + from, length)
    const end = field.indexOf(0)
    return field.toString('utf8', 0, end < 0 ? length : end)
  }
  const prefix = text(345, 155)
  return {
    type: text(156, 1),
    path: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size: Number.parseInt(text(124, 12), 8),
  }
}

/** pax records: `<length of the whole> <key>=<value>\n`, lengths in bytes. */
function readRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(' ', at)
    const end = at + Number(bytes.toString('latin1', at, space))
    const [key = '', ...value] = bytes.toString('utf8', space + 1, end - 1).split('=')
    records.set(key, value.join('='))
    at = end
  }
  return records
}
