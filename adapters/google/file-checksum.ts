import { open } from 'node:fs/promises'
import { openCrc32c } from '../../core/crc32c.ts'

const longestRead = 1 << 20

/**
 * Bytes and crc32c of a file, as far as it reaches now. Into one buffer: a stream would leave a new one behind with every
 * piece.
 */
export async function readChecksum(
  path: string,
): Promise<{ readonly size: number; readonly crc32c: string }> {
  await using file = await open(path)
  const buffer = Buffer.allocUnsafe(Math.min(longestRead, (await file.stat()).size + 1))
  const crc = openCrc32c()
  for (let size = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return { size, crc32c: crc.digest() }
    crc.update(buffer.subarray(0, bytesRead))
    size += bytesRead
  }
}
