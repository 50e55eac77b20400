import { CloudError, InputError, MayflyError } from '../../errors.ts'
import { findNewest, imageLabels } from '../../images.ts'
import { readDestination } from '../../notify/destination.ts'
import { hideToken, noteOnReleasePage } from '../../notify/release-page.ts'
import { tell } from '../../notify/tell.ts'
import { defineTask, type Session } from '../../task.ts'
import type { Builder, ImageRecord, Images } from '../../world.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import { listLeavings, makeImage, removeBuilder } from './builder.ts'
import { gatherFacts } from './facts.ts'
import { fields, outputs } from './fields.ts'
import { describeNews, listRows } from './notice.ts'
import { type BuildPlan, planBuild } from './plan.ts'
import { promoteImage } from './promotion.ts'
import { type Built, reportBuild } from './report.ts'
import { isFault, testImage } from './smoke.ts'
import { readWishes } from './wishes.ts'

/** A git tag becomes a machine image. */
export const buildImage = defineTask({
  name: 'build-image',
  summary: 'Make a machine image of a git tag with Packer and Ansible, test it, and put it into its family.',
  fields,
  outputs,

  async plan(inputs, session): Promise<BuildPlan> {
    const wishes = readWishes(inputs, session.spell)
    const slack = readDestination(inputs, session.spell)
    const token = inputs.githubToken
    const plan = planBuild(wishes, await gatherFacts(wishes, inputs.tag, session))
    return { ...plan, ...(slack && { slack }), ...(token && { releasePage: hideToken(token) }) }
  },

  async run(plan, session): Promise<Built> {
    const built = await build(plan, session)
    await announce(built, session)
    return built
  },

  report: reportBuild,
})

async function build(plan: BuildPlan, session: Session): Promise<Built> {
  const { world, log, signal } = session
  const began = world.clock.now()
  const images = await world.images(plan.wishes.project)
  if (plan.do === 'nothing') return describeUnchanged(plan, images)
  const builder = await world.builder()
  if (plan.do !== 'test') await checkInputs(plan, builder, session)
  if (plan.do === 'check') return { state: 'checked', plan, deprecated: [], deleted: [], seconds: 0 }

  // Before anything exists, so that whatever finishes this work knows what to look for.
  session.saveState('build', JSON.stringify(listLeavings(plan)))
  try {
    const compute = await world.compute(plan.wishes.project)
    // Who made the image may have been killed before the end of its machine.
    if (plan.do === 'test') await removeBuilder(listLeavings(plan), compute, session)
    const image =
      plan.do === 'build'
        ? await makeImage(plan, { builder, images, compute }, session)
        : await findImage(plan, images)
    const smoke = await passSmoke(plan, image, images, session)
    const promotion = await promoteImage(plan.wishes, await findImage(plan, images), images, {
      log,
      now: world.clock.now(),
    })
    const state = plan.do === 'build' ? 'built' : 'promoted'
    return { state, plan, smoke, ...promotion, seconds: (world.clock.now() - began) / 1000 }
  } finally {
    if (!signal.aborted) session.saveState('build_ended', 'true')
  }
}

async function announce(built: Built, session: Session): Promise<void> {
  const { state, plan, image } = built
  if (image === undefined || plan.tag === undefined) return
  const { world, context } = session
  if (state !== 'unchanged') await tell(session, plan.slack, describeNews(built, image, context))
  if (plan.releasePage === undefined) return
  const repository = context.repository ?? (await world.git.repository())
  await noteOnReleasePage(session, plan.releasePage, { repository, tag: plan.tag }, listRows(built, image))
}

/** The builder knows the inputs by their names alone. */
async function checkInputs(
  plan: BuildPlan,
  builder: Builder,
  { log, signal, spell }: Session,
): Promise<void> {
  try {
    for (const [tool, version] of Object.entries(await builder.tools(plan.build)))
      log.info(`${tool} ${version}`)
    await builder.validate(plan.build, { log, signal })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const problems = error.problems.map(({ where, message }) => ({
      where: Object.hasOwn(fields, where) ? spell(where) : where,
      message,
    }))
    throw new InputError(problems, { cause: error })
  }
}

async function describeUnchanged(plan: BuildPlan, images: Images): Promise<Built> {
  const image = await findImage(plan, images)
  const newest = findNewest(await images.list(imageLabels.family, plan.wishes.family), plan.wishes.family)
  return {
    state: 'unchanged',
    plan,
    image,
    ...(newest && { newest: newest.name }),
    deprecated: [],
    deleted: [],
    seconds: 0,
  }
}

async function findImage({ image }: BuildPlan, images: Images): Promise<ImageRecord> {
  const found = await images.find(image)
  if (found !== undefined) return found
  throw new CloudError(
    'unknown',
    'compute.images.get',
    `the image ${image} was there and is not found any more.`,
  )
}

/** Two may test an image at once, and have the same to say of it: the labels of both are on it then. */
async function labelTogether(
  images: Images,
  image: ImageRecord,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await images.label(image, labels)
  } catch (error) {
    if (!(error instanceof CloudError) || error.failure !== 'exists') throw error
    const changed = await images.find(image.name)
    if (changed !== undefined && changed.id === image.id) await images.label(changed, labels)
  }
}

/** Only an image that has passed goes on; the reason why another did not stays on it. */
async function passSmoke(
  plan: BuildPlan,
  image: ImageRecord,
  images: Images,
  session: Session,
): Promise<Outcome> {
  session.log.group(`Smoke batch on ${image.name}`)
  const outcome = await testImage(plan.wishes, image, session, plan.slack)
  session.log.endGroup()
  const passed = outcome.state === 'succeeded'
  const verdict = passed ? 'passed' : `failed-${outcome.reason ?? outcome.state}`
  if (passed || isFault(outcome)) await labelTogether(images, image, { [imageLabels.smoke]: verdict })
  session.signal.throwIfAborted()
  if (passed) return outcome
  const family = plan.wishes.family
  throw new MayflyError(
    `${image.name} did not pass its smoke batch (${outcome.run}): ${outcome.message} The image is not in the family, and ${family} leads where it did. ${
      isFault(outcome)
        ? 'Mend the playbook and build a new tag; asked again, the same tag is tested again.'
        : 'Ask again to go on from here.'
    }`,
    outcome.exitCode === 0 ? 70 : outcome.exitCode,
  )
}
