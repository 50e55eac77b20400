import { CloudError, InputError } from '../../errors.ts'
import { nameImage } from '../../images.ts'
import { resolveTag } from '../../tags.ts'
import type { Session } from '../../task.ts'
import type { Image, Tag } from '../../world.ts'
import { readBatchFile } from '../run-batch/facts.ts'
import type { Facts } from './plan.ts'
import { spellSmoke } from './smoke.ts'
import type { Wishes } from './wishes.ts'

/** Reads everything that a plan needs, and changes nothing. */
export async function gatherFacts(
  wishes: Wishes,
  given: string | undefined,
  session: Session,
): Promise<Facts> {
  const { world, context } = session
  const tag = (await hasTag(given, session)) ? await resolveTag(session, given) : undefined
  if (tag !== undefined) await refuseChanges(tag, session)
  if (wishes.smoke !== undefined) await readSmoke(wishes.smoke, session)
  const images = await world.images(wishes.project)
  const [repository, source, existing] = await Promise.all([
    context.repository ?? world.git.repository(),
    findSource(wishes, session),
    tag && images.find(nameImage(wishes.family, tag.name)),
  ])
  return { tag, repository, source, existing, context, now: world.clock.now() }
}

/** In CI the event decides: a branch may well be at a commit that somebody has tagged. */
async function hasTag(given: string | undefined, { world, context }: Session): Promise<boolean> {
  if (given !== undefined || context.tag !== undefined) return true
  return context.job === undefined && (await world.git.tagsAtHead()).length > 0
}

/** A fault in it is found before a machine is there, and not when the image is made. */
async function readSmoke(path: string, session: Session): Promise<void> {
  await readBatchFile(path, { ...session, spell: spellSmoke(session.spell) })
}

/** Packer and Ansible read the work tree, and the image is to be what the tag says. */
async function refuseChanges(tag: Tag, { world, spell }: Session): Promise<void> {
  const changes = await world.git.changes(tag.commit)
  if (changes.length === 0) return
  const more = changes.length > 5 ? ` and ${changes.length - 5} more` : ''
  const message = `the files here are not those of "${tag.name}" (${changes.slice(0, 5).join(', ')}${more}). Check the tag out, or commit and make a new tag.`
  throw new InputError([{ where: spell('tag'), message }])
}

async function findSource({ project, sourceImage }: Wishes, { world, spell }: Session): Promise<Image> {
  try {
    return await (await world.compute(project)).image(sourceImage)
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure !== 'not-found') throw error
    throw new InputError([{ where: spell('source_image'), message: error.message }], { cause: error })
  }
}
