import { cloudFields, text } from '../../fields.ts'
import { findNewest, imageLabels } from '../../images.ts'
import { drawTable } from '../../table.ts'
import { defineTask } from '../../task.ts'
import type { ImageRecord } from '../../world.ts'

const { project } = cloudFields

/** An image of a family, as the list shows it. */
export interface ListedImage {
  readonly name: string
  readonly id: string
  readonly state: string
  /** The family leads to it. */
  readonly newest: boolean
  /** What its smoke batch said: `passed`, `failed-…`, or empty. */
  readonly smoke: string
  /** ISO 8601. */
  readonly made: string
  readonly commit: string
}

/** The images that were made for a family. */
export const listImages = defineTask({
  name: 'images list',
  summary: 'List the images of a family, the newest first.',
  fields: {
    family: text({ description: 'The image family.', example: 'ml-batch', required: true, positional: true }),
    project,
  },
  outputs: {},

  plan: async (inputs) => inputs,

  async run({ family, project }, { world }): Promise<readonly ListedImage[]> {
    const images = await (await world.images(project)).list(imageLabels.family, family)
    const newest = findNewest(images, family)
    return images.map((image) => describe(image, image === newest))
  },

  report: (images) => ({ exitCode: 0, outputs: {}, lines: write(images), summary: '', json: images }),
})

function describe(image: ImageRecord, newest: boolean): ListedImage {
  const { name, id, labels, created, status, family, deprecation } = image
  const fate = deprecation?.state ?? 'ACTIVE'
  return {
    name,
    id,
    state:
      status === 'READY'
        ? family === undefined
          ? 'not promoted'
          : fate.toLowerCase()
        : status.toLowerCase(),
    newest,
    smoke: labels[imageLabels.smoke] ?? '',
    made: new Date(created).toISOString(),
    commit: labels[imageLabels.commit] ?? '',
  }
}

function write(images: readonly ListedImage[]): readonly string[] {
  if (images.length === 0) return ['Mayfly has made no image for this family.']
  return drawTable([
    ['', 'IMAGE', 'STATE', 'SMOKE', 'MADE', 'COMMIT'],
    ...images.map(({ name, state, newest, smoke, made, commit }) => [
      newest ? '→' : '',
      name,
      state,
      smoke,
      made.slice(0, 19).replace('T', ' '),
      commit.slice(0, 12),
    ]),
  ])
}
