import { createHash } from 'node:crypto'
import { ConflictError, exitCodes, MayflyError } from '../../errors.ts'
import { releaseBlobName } from '../../releases.ts'
import type { Archive, Objects, StoredObject } from '../../world.ts'

/**
 * Stores an archive under its digest, once. What is there already, be it ours whose answer was lost or somebody
 * else's, may be compressed otherwise and has to hold the same tar; a ConflictError if it does not.
 */
export async function storeBlob(
  objects: Objects,
  archive: Archive,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { file, crc32c, digest } = archive
  if (file === undefined) throw new Error('An archive without a file cannot be stored.')
  const name = releaseBlobName(`sha256:${digest}`)
  const created = await objects.create(name, { file }, { contentType: 'application/gzip', crc32c, signal })
  if (created !== 'exists') return created
  const found = await objects.stat(name)
  // Deleted by hand between the two calls.
  if (found === undefined) return storeBlob(objects, archive, signal)
  if (found.size === archive.compressedSize && found.crc32c === crc32c) return found
  if ((await digestContent(objects.open(name))) === digest) return found
  throw new ConflictError(
    `gs://${objects.bucket}/${name} is there already and does not hold the tar that its name stands for: it was damaged or written by hand. Nothing has been changed. Look at it, delete it, and upload again.`,
  )
}

/** Reads back that a stored archive is what it was. */
export async function confirmBlob(objects: Objects, { name, size, crc32c }: StoredObject): Promise<void> {
  const found = await objects.stat(name)
  if (found?.size === size && found.crc32c === crc32c) return
  const what = found === undefined ? 'is gone' : `has ${found.size} bytes with crc32c ${found.crc32c}`
  throw new MayflyError(
    `gs://${objects.bucket}/${name} was stored with ${size} bytes and crc32c ${crc32c}, and now ${what}. Somebody changes releases; find out who, and upload again.`,
    exitCodes.unknown,
  )
}

/** sha256 of what a gzip file holds, hex; undefined when it is no whole gzip file. */
async function digestContent(compressed: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    const content = ReadableStream.from(compressed).pipeThrough(new DecompressionStream('gzip'))
    for await (const bytes of content) hash.update(bytes)
  } catch (error) {
    if (error instanceof MayflyError) throw error
    return undefined
  }
  return hash.digest('hex')
}
