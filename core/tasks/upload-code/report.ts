import type { Report } from '../../host.ts'
import type { Release } from '../../releases.ts'
import { type Fact, writeFacts } from '../../table.ts'
import { countFiles, formatBytes } from '../../units.ts'

/** What an upload came to. */
export interface Upload {
  readonly release: Release
  /** `gs://` address of the archive. */
  readonly uri: string
  /** `gs://` address of the pointer. */
  readonly pointer: string
  /** Somebody had uploaded the same code under the tag before. */
  readonly alreadyUploaded: boolean
}

/** An upload in every shape that a host may want. */
export function reportUpload(upload: Upload): Report {
  const { release, uri, pointer, alreadyUploaded } = upload
  const { name, tag, commit, digest } = release
  const title = `${name}@${tag} ${alreadyUploaded ? 'was uploaded before, with the same code' : 'uploaded'}`
  return {
    exitCode: 0,
    outputs: { uri, digest, tag, commit, name, pointer, already_uploaded: String(alreadyUploaded) },
    ...writeFacts(`✔ ${title}`, listFacts(upload)),
    json: { ...release, uri, pointer, alreadyUploaded },
  }
}

function listFacts({ release, uri, pointer }: Upload): readonly Fact[] {
  const { commit, digest, size, compressedSize, files, repository, uploadedAt, by, link } = release
  return [
    ['Commit', `${commit} of ${repository}`],
    ['Digest', digest],
    ['Size', `${countFiles(files)}, ${formatBytes(size)}, ${formatBytes(compressedSize)} compressed`],
    ['Archive', uri],
    ['Pointer', pointer],
    ['Uploaded', `${uploadedAt} by ${by}${link === undefined ? '' : `, ${link}`}`],
  ]
}
