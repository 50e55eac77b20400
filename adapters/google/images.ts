import type { google } from '@google-cloud/compute/build/protos/protos.js'
import type { ImagesClient } from '@google-cloud/compute/build/src/v1/images_client.js'
import { CloudError } from '../../core/errors.ts'
import { suggestNearest } from '../../core/nearest.ts'
import type { Image } from '../../core/world.ts'
import { attempt, ignoreAbsence } from './cloud-errors.ts'
import { once } from './compute-clients.ts'

/** Finds an image by `family`, `name`, `project/family` or `project/name`; a family goes before an image of its name. */
export async function findImage(client: ImagesClient, home: string, reference: string): Promise<Image> {
  const slash = reference.indexOf('/')
  const project = slash < 0 ? home : reference.slice(0, slash)
  const name = reference.slice(slash + 1)
  const wish = { method: 'compute.images.get', about: `image ${name} in project ${project}` }

  const found =
    (await attempt(wish, () => client.getFromFamily({ project, family: name }, once())).catch(
      ignoreAbsence,
    )) ?? (await attempt(wish, () => client.get({ project, image: name }, once())).catch(ignoreAbsence))
  if (found) return toImage(found[0])
  throw new CloudError(
    'not-found',
    wish.method,
    `project ${project} has no image family and no image named ${name}.${await suggest(client, project, name)}`,
  )
}

/** The family that was meant, if the caller may see the others. */
async function suggest(client: ImagesClient, project: string, name: string): Promise<string> {
  try {
    const [images] = await client.list({ project, filter: 'family:*' }, once())
    const families = new Set(images.flatMap(({ family }) => family ?? []))
    return (
      suggestNearest(name, [...families]) || ` Its families: ${[...families].sort().join(', ') || 'none'}.`
    )
  } catch {
    return ''
  }
}

function toImage({ name, id, selfLink, family }: google.cloud.compute.v1.IImage): Image {
  return {
    name: name ?? '',
    id: String(id),
    selfLink: selfLink ?? '',
    ...(family && { family }),
  }
}
