import type { Log } from '../../host.ts'
import { findNewest, imageLabels, isActive } from '../../images.ts'
import type { ImageRecord, Images } from '../../world.ts'
import type { Wishes } from './wishes.ts'

/** What became of a family. */
export interface Promotion {
  readonly image: ImageRecord
  readonly previous?: string
  readonly deprecated: readonly string[]
  readonly deleted: readonly string[]
}

/** Lets the family lead to the image, and looks after the older ones. */
export async function promoteImage(
  wishes: Wishes,
  image: ImageRecord,
  images: Images,
  { log, now }: { readonly log: Log; readonly now: number },
): Promise<Promotion> {
  const { family } = wishes
  const before = await images.list(imageLabels.family, family)
  const previous = findNewest(before, family)
  await images.setFamily(image.name, family)
  log.info(
    `${family} leads to ${image.name}${previous === undefined ? '' : `, and led to ${previous.name}`}.`,
  )
  const promoted = { ...image, family }
  const older = before.filter(({ name, family: own }) => name !== image.name && own === family)
  return {
    image: promoted,
    ...(previous && { previous: previous.name }),
    deprecated: await deprecateOld(wishes, promoted, older, images, now),
    deleted: await deleteOld(older, images, log, now),
  }
}

/** The newest `keep` stay active, the new one among them. */
async function deprecateOld(
  { keep, deleteAfterSeconds }: Wishes,
  newest: ImageRecord,
  older: readonly ImageRecord[],
  images: Images,
  now: number,
): Promise<readonly string[]> {
  const surplus = older.filter(isActive).slice(keep - 1)
  const deleted = new Date(now + deleteAfterSeconds * 1000).toISOString()
  for (const { name } of surplus)
    await images.deprecate(name, { state: 'DEPRECATED', replacement: newest.selfLink, deleted })
  return surplus.map(({ name }) => name)
}

/** Those whose time is over, unless a disk was made from them: then next time. */
async function deleteOld(
  older: readonly ImageRecord[],
  images: Images,
  log: Log,
  now: number,
): Promise<readonly string[]> {
  const gone: string[] = []
  for (const image of older) {
    const { deleted, state } = image.deprecation ?? {}
    if (state !== 'DEPRECATED' || deleted === undefined || Date.parse(deleted) > now) continue
    if ((await images.disksOf(image)).length > 0) {
      log.info(`${image.name} would be deleted by now, and stays while a disk made from it is there.`)
      continue
    }
    await images.remove(image.name)
    gone.push(image.name)
  }
  return gone
}
