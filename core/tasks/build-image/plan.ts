import { ConflictError } from '../../errors.ts'
import type { Context } from '../../host.ts'
import { findDifferences, imageLabels, labelImage, nameBuilder, nameImage } from '../../images.ts'
import { deriveRunId } from '../../names.ts'
import type { Destination } from '../../notify/destination.ts'
import type { HiddenToken } from '../../notify/release-page.ts'
import type { Image, ImageBuild, ImageRecord, Tag } from '../../world.ts'
import type { Wishes } from './wishes.ts'

/** Everything that was read before the plan was made. */
export interface Facts {
  /** Undefined on a branch or pull request. */
  readonly tag: Tag | undefined
  readonly repository: string
  readonly source: Image
  /** An image of the name that is there already. */
  readonly existing: ImageRecord | undefined
  readonly context: Context
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What is to be done about an image, and everything that it takes. */
export interface BuildPlan {
  /** `test`: the image is there and is not promoted. `nothing`: it is there and is. */
  readonly do: 'check' | 'build' | 'test' | 'nothing'
  readonly wishes: Wishes
  readonly tag?: string
  readonly commit?: string
  /** Name of the image. */
  readonly image: string
  /** What Packer is asked for, in the first of the zones. */
  readonly build: ImageBuild
  /** A label of the builder that tells this asker's from another's. */
  readonly owner: string
  readonly slack?: Destination
  /** Writes on the release page of the tag. */
  readonly releasePage?: HiddenToken
}

/** The label of a builder machine that says whose it is. */
export const ownerLabel = 'mayfly-builder'

/** The plan of a build: a pure function. Throws a ConflictError when the image is there and is another's. */
export function planBuild(wishes: Wishes, facts: Facts): BuildPlan {
  const { tag, existing, context } = facts
  const image = nameImage(wishes.family, tag?.name ?? 'unreleased')
  const labels = labelImage({
    family: wishes.family,
    repository: facts.repository,
    tag: tag?.name ?? '',
    commit: tag?.commit ?? '',
    inputs: listInputs(wishes, tag?.commit),
  })
  if (tag !== undefined && existing !== undefined) refuseOther(existing, labels, tag)
  const owner = deriveRunId(JSON.stringify([context.job ?? [context.by, facts.now], image]))
  return {
    do: decide(tag, existing),
    wishes,
    ...(tag && { tag: tag.name, commit: tag.commit }),
    image,
    owner,
    build: {
      ...(wishes.template !== undefined && { template: wishes.template }),
      ...(wishes.playbook !== undefined && { playbook: wishes.playbook }),
      containers: wishes.containers,
      variables: wishes.variables,
      secrets: wishes.secrets,
      settings: {
        project_id: wishes.project,
        zone: wishes.zones[0] as string,
        image_name: image,
        image_description: describeImage(wishes, facts),
        image_labels: labels,
        ...splitSource(facts.source),
        machine_type: wishes.machineType,
        disk_size: wishes.diskGb,
        instance_name: nameBuilder(image),
        labels: {
          tool: 'mayfly',
          'mayfly-build': image,
          [ownerLabel]: owner,
          'mayfly-deadline': String(Math.floor(facts.now / 1000) + wishes.timeoutSeconds),
        },
        max_run_duration_in_seconds: wishes.timeoutSeconds,
        ...(wishes.subnetwork !== undefined && { subnetwork: wishes.subnetwork }),
        ...(wishes.serviceAccount !== undefined && { service_account_email: wishes.serviceAccount }),
        use_internal_ip: wishes.internalIp,
      },
    },
  }
}

function decide(tag: Tag | undefined, existing: ImageRecord | undefined): BuildPlan['do'] {
  if (tag === undefined) return 'check'
  if (existing === undefined) return 'build'
  return existing.family === undefined ? 'test' : 'nothing'
}

/** What decides about the content of an image. Secrets by name only: a label is for everyone to read. */
function listInputs(wishes: Wishes, commit: string | undefined): unknown {
  const { playbook, template, sourceImage, containers, variables, secrets, diskGb } = wishes
  return [
    commit,
    playbook,
    template,
    sourceImage,
    [...containers].sort(),
    sorted(variables),
    Object.keys(secrets).sort(),
    diskGb,
  ]
}

function sorted(map: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}

function refuseOther(image: ImageRecord, labels: Readonly<Record<string, string>>, { name }: Tag): void {
  const differences = findDifferences(image, labels)
  if (differences.length === 0 && image.status === 'READY') return
  if (differences.length === 0) {
    const message = `The image ${image.name} is ${image.status}: another build is making it, or somebody deletes it. Nothing has been changed; ask again in a minute.`
    throw new ConflictError(message)
  }
  if (image.labels.tool !== 'mayfly') {
    throw new ConflictError(
      `There is an image ${image.name} already, and it was not made by Mayfly. Nothing has been changed. Choose another family or tag, or delete that image.`,
    )
  }
  const made = new Date(image.created).toISOString()
  throw new ConflictError(
    [
      `The image ${image.name} was made ${made} from other inputs. Nothing has been changed.`,
      ...differences.map((difference) => `  ${difference}`),
      differences.some((line) => line.startsWith(imageLabels.tag))
        ? `Another tag than ${name} gives the same name: tags may not differ in capitals and punctuation alone.`
        : `Batches may have run on it, so that an image is never replaced. Make a new tag and build that.`,
    ].join('\n'),
  )
}

function describeImage({ family }: Wishes, { tag, repository, context }: Facts): string {
  const link = context.link === undefined ? '' : `, ${context.link}`
  return `${family} of ${repository}@${tag?.name ?? ''}, commit ${tag?.commit ?? ''}, by ${context.by}${link}`
}

/** The builder takes a name and, apart, the project in which it is. */
function splitSource({ name, selfLink }: Image) {
  const project = /\/projects\/([^/]+)\/global\/images\//.exec(selfLink)?.[1] ?? ''
  return { source_image: name, source_image_project_id: project }
}
