import type { Destination } from '../../notify/destination.ts'
import type { HiddenToken } from '../../notify/release-page.ts'
import { releasePointerName } from '../../releases.ts'
import type { Tag } from '../../world.ts'

/** What was asked for and what was found out about it. */
export interface Facts {
  readonly project: string
  readonly bucket: string
  readonly submodules: boolean
  readonly name: string
  readonly tag: Tag
  readonly repository: string
}

/** What `run` acts on. */
export interface UploadPlan {
  readonly project: string
  readonly bucket: string
  readonly name: string
  readonly tag: string
  readonly commit: string
  readonly repository: string
  readonly submodules: boolean
  /** Object name of the pointer. That of the archive is known when its digest is. */
  readonly pointer: string
  readonly slack?: Destination
  /** Writes on the release page of the tag. */
  readonly releasePage?: HiddenToken
}

/** The plan of an upload. */
export function planUpload({ project, bucket, submodules, name, tag, repository }: Facts): UploadPlan {
  return {
    project,
    bucket,
    name,
    tag: tag.name,
    commit: tag.commit,
    repository,
    submodules,
    pointer: releasePointerName(name, tag.name),
  }
}
