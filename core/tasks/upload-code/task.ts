import { cloudFields, dryRunField, flag, text } from '../../fields.ts'
import type { Context, Log } from '../../host.ts'
import { readDestination, slackFields } from '../../notify/destination.ts'
import { hideToken, noteOnReleasePage, releasePageField } from '../../notify/release-page.ts'
import { tell } from '../../notify/tell.ts'
import { type Release, readRelease, releaseBlobName } from '../../releases.ts'
import { nameRelease, resolveTag } from '../../tags.ts'
import { defineTask, type Session } from '../../task.ts'
import { countFiles, formatBytes } from '../../units.ts'
import type { Archive, Objects, StoredObject } from '../../world.ts'
import { confirmBlob, storeBlob } from './blob.ts'
import { describeNews, listRows } from './notice.ts'
import { planUpload, type UploadPlan } from './plan.ts'
import { refuseOther, storePointer } from './pointer.ts'
import { reportUpload, type Upload } from './report.ts'

const fields = {
  tag: text({
    description:
      'The git tag to upload. Without it, the tag that the CI job runs for, or the only tag on the checked-out commit.',
    example: 'v1.4.0',
    positional: true,
  }),
  name: text({
    description: "The release's name. Without it, the last part of the repository's name.",
    example: 'recommender',
  }),
  submodules: flag({
    description: 'Put the submodules into the archive, those within others too. They have to be checked out.',
  }),
  ...releasePageField,
  ...slackFields,
  ...cloudFields,
  ...dryRunField,
} as const

const outputs = {
  uri: 'Address of the archive, `gs://<bucket>/code/sha256/<digest>.tar.gz`.',
  digest:
    '`sha256:` and the digest of the tar before compression: the same for the same tag on every machine.',
  tag: 'The tag.',
  commit: 'The commit that the tag leads to.',
  name: "The release's name; `<name>@<tag>` is what a batch file calls it.",
  pointer: 'Address of the record that says what the tag is, `gs://<bucket>/code/<name>/tags/<tag>.json`.',
  already_uploaded: '`true` when the same code had been uploaded under the tag before.',
}

/** A git tag becomes a code release. */
export const uploadCode = defineTask({
  name: 'upload-code',
  summary: 'Store the code of a git tag in Cloud Storage, once and for good.',
  fields,
  outputs,

  async plan(inputs, session): Promise<UploadPlan> {
    const { context, world } = session
    const slack = readDestination(inputs, session.spell)
    const token = inputs.githubToken
    const [tag, name, repository] = await Promise.all([
      resolveTag(session, inputs.tag),
      nameRelease(session, inputs.name),
      context.repository ?? world.git.repository(),
      // Storage's client takes as long to load as git takes to answer.
      world.objects(inputs.bucket),
    ])
    const plan = planUpload({ ...inputs, tag, name, repository })
    return { ...plan, ...(slack && { slack }), ...(token && { releasePage: hideToken(token) }) }
  },

  async run(plan, session): Promise<Upload> {
    const result = await uploadOnce(plan, session)
    if (!result.alreadyUploaded) await tell(session, plan.slack, describeNews(result, session.context))
    await noteOnReleasePage(session, plan.releasePage, plan, listRows(result))
    return result
  },

  report: reportUpload,
})

async function uploadOnce(plan: UploadPlan, session: Session): Promise<Upload> {
  const objects = await session.world.objects(plan.bucket)
  const stored = await readRelease(objects, plan.name, plan.tag)
  if (stored !== undefined && (await isWhole(stored, plan, objects, session)))
    return describeUpload(plan, stored, true)
  return upload(plan, objects, session)
}

/** Whether a release is all there; a ConflictError when its tag leads to other code by now. */
async function isWhole(
  stored: Release,
  plan: UploadPlan,
  objects: Objects,
  session: Session,
): Promise<boolean> {
  session.log.info(`${plan.name}@${plan.tag} was uploaded ${stored.uploadedAt}; comparing the code.`)
  await using archive = await makeArchive(plan, session, true)
  refuseOther(stored, { ...plan, digest: `sha256:${archive.digest}` }, plan.bucket)
  if ((await objects.stat(releaseBlobName(stored.digest))) !== undefined) return true
  session.log.warn('Its archive has been deleted since; storing it again.')
  return false
}

async function upload(plan: UploadPlan, objects: Objects, session: Session): Promise<Upload> {
  const { context, log, signal } = session
  await using archive = await makeArchive(plan, session, false)
  log.info(`Uploading ${formatBytes(archive.compressedSize)} to gs://${plan.bucket}.`)
  const blob = await storeBlob(objects, archive, signal)
  const { release, mine } = await storePointer(objects, describeRelease(plan, archive, blob, context), signal)
  await confirmBlob(objects, blob)
  return describeUpload(plan, release, !mine)
}

async function makeArchive(
  { name, tag, commit, submodules }: UploadPlan,
  { world, log, signal }: Session,
  digestOnly: boolean,
): Promise<Archive> {
  log.info(`Archiving ${name}@${tag}, commit ${commit}.`)
  const onProgress = showBytes(log)
  const archive = await world.git.archive(commit, { submodules, digestOnly, onProgress, signal })
  const { digest, size, files, lfs } = archive
  log.info(`sha256:${digest}: ${countFiles(files)}, ${formatBytes(size)}.`)
  if (lfs.length > 0)
    log.warn(`The release holds pointers for files in Git LFS, not their content (see ${lfs.join(', ')}).`)
  return archive
}

function showBytes(log: Log): (bytes: number) => void {
  let shown = ''
  return (bytes) => {
    const line = `Archived ${formatBytes(bytes)}`
    if (line !== shown) log.progress(line)
    shown = line
  }
}

function describeRelease(
  { name, tag, commit, repository }: UploadPlan,
  { digest, size, files }: Archive,
  blob: StoredObject,
  { by, link }: Context,
): Release {
  return {
    schema: 1,
    name,
    tag,
    commit,
    digest: `sha256:${digest}`,
    size,
    compressedSize: blob.size,
    files,
    repository,
    uploadedAt: new Date(blob.created).toISOString(),
    by,
    ...(link !== undefined && { link }),
  }
}

function describeUpload({ bucket, pointer }: UploadPlan, release: Release, alreadyUploaded: boolean): Upload {
  const uri = `gs://${bucket}/${releaseBlobName(release.digest)}`
  return { release, uri, pointer: `gs://${bucket}/${pointer}`, alreadyUploaded }
}
