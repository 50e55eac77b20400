import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

// Eight times gzip's window, so that little is lost at the cuts; several in flight stay within a few megabytes.
const blockBytes = 1 << 18

/**
 * Compresses blocks side by side, each to a gzip member of its own: members one after the other are a gzip file
 * (RFC 1952, section 2.2). The tar is what a release's digest is of, so that how it is cut does not matter.
 */
export async function* compress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const most = availableParallelism() + 1
  const members: Promise<Uint8Array>[] = []
  try {
    for await (const block of inBlocks(source)) {
      const member = compressBlock(block)
      // Whoever waits for it throws its failure; until then Node must not take it for one that nobody handles.
      member.catch(() => undefined)
      members.push(member)
      if (members.length >= most) yield (await members.shift()) as Uint8Array
    }
    for (const member of members) yield await member
  } finally {
    await Promise.allSettled(members)
  }
}

function compressBlock(block: Uint8Array): Promise<Uint8Array> {
  // One piece: what does not compress grows by less than a tenth of a percent.
  const options = {
    level: constants.Z_DEFAULT_COMPRESSION,
    chunkSize: block.length + (block.length >> 6) + 64,
  }
  return promisify(gzip)(block, options)
}

/** The same bytes in pieces of one size; the last may be smaller. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafe(blockBytes)
  let filled = 0
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + blockBytes - filled)
      block.set(piece, filled)
      at += piece.length
      filled += piece.length
      if (filled < blockBytes) continue
      yield block
      block = Buffer.allocUnsafe(blockBytes)
      filled = 0
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}
