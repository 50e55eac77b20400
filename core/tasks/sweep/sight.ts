import { inParallel } from '../../parallel.ts'
import type { Disk, Fleet, ImageRecord, Images } from '../../world.ts'
import { isUnpromoted, type Sight } from './plan.ts'

/** Looks for what is Mayfly's in every zone of a project. Images younger than the age are not asked after. */
export async function lookAround(fleet: Fleet, images: Images, imageAgeSeconds: number): Promise<Sight> {
  const [instances, labelled, named, all] = await Promise.all([
    fleet.instances('tool', 'mayfly'),
    fleet.disks('tool', 'mayfly'),
    fleet.disksNamed('mayfly-build-'),
    images.list('tool', 'mayfly'),
  ])
  const surveys = [instances, labelled, named]
  const unseenZones = [...new Set(surveys.flatMap((survey) => survey.unseenZones))].sort()
  const time = Math.min(...surveys.map((survey) => survey.time))
  const disks = new Map<string, Disk>([...labelled.items, ...named.items].map((disk) => [disk.id, disk]))
  const old = all.filter((image) => isUnpromoted(image) && image.created + imageAgeSeconds * 1000 < time)
  return {
    instances: instances.items,
    disks: [...disks.values()],
    images: all,
    // Google would not say it of a part of the zones.
    disksOfImages: unseenZones.length > 0 ? new Map() : await findDisks(old, images),
    unseenZones,
    time,
  }
}

async function findDisks(
  candidates: readonly ImageRecord[],
  images: Images,
): Promise<Sight['disksOfImages']> {
  const found = new Map<string, Awaited<ReturnType<Images['disksOf']>>>()
  await inParallel(candidates, 8, async (image) => {
    found.set(image.id, await images.disksOf(image))
  })
  return found
}
