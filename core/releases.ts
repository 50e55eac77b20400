import * as z from 'zod/mini'
import { parseRecord } from './protocol/records.ts'
import type { Objects } from './world.ts'

const matching = (pattern: RegExp) => z.string().check(z.regex(pattern))

/** A pointer, `code/<name>/tags/<tag>.json`: what the tag of a name is, for good. */
const releaseRecord = z.object({
  schema: z.literal(1),
  name: z.string(),
  tag: z.string(),
  /** SHA-1 or SHA-256, hex. */
  commit: matching(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
  /** `sha256:` and hex, of the tar before compression: it decides whether two releases are the same. */
  digest: matching(/^sha256:[0-9a-f]{64}$/),
  /** Bytes of the tar. */
  size: z.number(),
  /** Bytes of the archive in the depot. */
  compressedSize: z.number(),
  /** Entries of the tar that are no directories. */
  files: z.number(),
  /** `owner/name` */
  repository: z.string(),
  /** When the archive was stored, ISO 8601, on Google's clock. */
  uploadedAt: z.string(),
  /** Who or what asked for it. */
  by: z.string(),
  /** Address of the CI job for people. */
  link: z.optional(z.string()),
})
export type Release = z.infer<typeof releaseRecord>

/** The object that says what a tag is. */
export function releasePointerName(name: string, tag: string): string {
  return `code/${name}/tags/${tag}.json`
}

/** The object with the archive of a digest, `sha256:` and hex. */
export function releaseBlobName(digest: string): string {
  return `code/${digest.replace(':', '/')}.tar.gz`
}

/** What the depot knows of a tag; undefined when nobody uploaded it. A pointer that cannot be read is an error. */
export async function readRelease(objects: Objects, name: string, tag: string): Promise<Release | undefined> {
  const pointer = releasePointerName(name, tag)
  const bytes = await objects.read(pointer)
  return bytes && parseRecord(releaseRecord, `gs://${objects.bucket}/${pointer}`, bytes)
}
