import { ConflictError, exitCodes, MayflyError } from '../../errors.ts'
import { writeRecord } from '../../protocol/records.ts'
import { type Release, readRelease, releasePointerName } from '../../releases.ts'
import type { Objects } from '../../world.ts'

/** What a tag is in the depot, and whether it was this upload that made it so. */
export interface StoredPointer {
  readonly release: Release
  readonly mine: boolean
}

/** Creates the pointer of a release, once, and reads back what its tag is then; a ConflictError for other code. */
export async function storePointer(
  objects: Objects,
  release: Release,
  signal: AbortSignal,
): Promise<StoredPointer> {
  const name = releasePointerName(release.name, release.tag)
  const record = writeRecord(release)
  const created = await objects.create(name, record, { contentType: 'application/json', signal })
  const stored = await readRelease(objects, release.name, release.tag)
  if (stored === undefined) {
    const message = `gs://${objects.bucket}/${name} was there a moment ago, and is gone: somebody deletes releases. Upload again.`
    throw new MayflyError(message, exitCodes.unknown)
  }
  refuseOther(stored, release, objects.bucket)
  // A create whose first answer was lost is told 'exists' of its own record.
  return { release: stored, mine: created !== 'exists' || writeRecord(stored) === record }
}

/** Throws a ConflictError unless the code that a tag leads to is the code that was stored for it. There is no force. */
export function refuseOther(
  stored: Release,
  found: Pick<Release, 'commit' | 'digest' | 'repository'>,
  bucket: string,
): void {
  if (stored.digest === found.digest) return
  const { name, tag, uploadedAt, by, link } = stored
  const describe = ({ digest, commit, repository }: typeof found) =>
    `${digest}, commit ${commit} of ${repository}`
  throw new ConflictError(
    [
      `${name}@${tag} was uploaded before, with other code. Nothing has been changed.`,
      `  uploaded: ${describe(stored)}, ${uploadedAt}, by ${by}${link === undefined ? '' : `, ${link}`}`,
      `  now:      ${describe(found)}`,
      `Runs may have used what gs://${bucket}/${releasePointerName(name, tag)} names, so that a release is never replaced. ${advise(stored, found)}`,
    ].join('\n'),
  )
}

function advise(stored: Release, found: Pick<Release, 'commit' | 'repository'>): string {
  if (stored.repository.toLowerCase() !== found.repository.toLowerCase())
    return 'The repositories share a name: give the releases of one of them another name.'
  if (stored.commit === found.commit)
    return 'The commit was archived with another choice of submodules: choose as before, or make a new tag.'
  return 'The tag was moved: make a new tag and upload that.'
}
