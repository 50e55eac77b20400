import { createHash } from 'node:crypto'
import type { ImageRecord } from './world.ts'

// What an image is called and bears: all of it is a function of family, tag and inputs, so that whoever asks again
// finds what is there.

const longest = 63

/** `ml-batch-v1-4-0`: the family and the tag, in the letters that Compute Engine allows. */
export function nameImage(family: string, tag: string): string {
  const name = `${family}-${slug(tag)}`.replace(/-$/, '')
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${hash(tag).slice(0, 8)}`
}

/** The machine on which the image is made: one for each image, so that two builds of a tag cannot pass each other. */
export function nameBuilder(image: string): string {
  return `mayfly-build-${image.slice(0, 32).replace(/-$/, '')}-${hash(image).slice(0, 12)}`
}

/** Whether a disk without labels can only be a builder's: Packer gives a boot disk the machine's name, and no labels. */
export function isBuilderDisk(name: string): boolean {
  return /^mayfly-build-[a-z0-9-]+-[0-9a-f]{12}$/.test(name)
}

/** The labels by which Mayfly knows its images. */
export const imageLabels = {
  family: 'mayfly-family',
  repository: 'mayfly-repository',
  /** A hash: a tag has more letters than a label may have. */
  tag: 'mayfly-tag',
  commit: 'mayfly-commit',
  inputs: 'mayfly-inputs',
  smoke: 'mayfly-smoke',
} as const

export interface Origin {
  readonly family: string
  /** `owner/name`. */
  readonly repository: string
  readonly tag: string
  readonly commit: string
  /** Everything that decides what is in the image. */
  readonly inputs: unknown
}

/** The labels of an image of this origin. */
export function labelImage({
  family,
  repository,
  tag,
  commit,
  inputs,
}: Origin): Readonly<Record<string, string>> {
  return {
    tool: 'mayfly',
    [imageLabels.family]: family,
    [imageLabels.repository]: slug(repository).slice(0, longest),
    [imageLabels.tag]: hash(tag).slice(0, 16),
    [imageLabels.commit]: commit.slice(0, longest),
    [imageLabels.inputs]: hash(JSON.stringify(inputs)).slice(0, 32),
  }
}

/** What of an image is not as the labels have it, for people; empty when it is this very build's. */
export function findDifferences(
  image: ImageRecord,
  labels: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(labels)
    .filter(([name, value]) => image.labels[name] !== value)
    .map(([name, value]) => `${name}: ${image.labels[name] ?? 'none'}, now ${value}`)
}

/** Whether a family may lead to it. */
export function isActive({ deprecation, status }: ImageRecord): boolean {
  return status === 'READY' && (deprecation?.state ?? 'ACTIVE') === 'ACTIVE'
}

/** The image that a family leads to: the newest that is active. */
export function findNewest(images: readonly ImageRecord[], family: string): ImageRecord | undefined {
  return images
    .filter((image) => image.family === family && isActive(image))
    .sort((a, b) => b.created - a.created)[0]
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
