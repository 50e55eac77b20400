import { exitCodes, MayflyError } from '../../errors.ts'
import { cloudFields, dryRunField, text } from '../../fields.ts'
import { findNewest, imageLabels, isActive } from '../../images.ts'
import { defineTask } from '../../task.ts'
import type { ImageRecord } from '../../world.ts'

const { project } = cloudFields

interface Rollback {
  readonly project: string
  readonly family: string
  /** The image that the family leads to now. */
  readonly from: string
  /** The one that it leads to afterwards. */
  readonly to: string
  /** selfLink of `to`. */
  readonly replacement: string
  /** `to` had been deprecated, and has to be made active again. */
  readonly revive: boolean
}

/** Lets a family lead to the image before its newest. */
export const rollBackImage = defineTask({
  name: 'images rollback',
  summary: 'Let a family lead to its previous image again. The newest is deprecated, not deleted.',
  fields: {
    family: text({ description: 'The image family.', example: 'ml-batch', required: true, positional: true }),
    to: text({ description: 'The image to go back to. Without it, the one before the newest.' }),
    project,
    ...dryRunField,
  },
  outputs: {},

  async plan({ project, family, to }, { world, spell }): Promise<Rollback> {
    const promoted = (await (await world.images(project)).list(imageLabels.family, family)).filter(
      (image) => image.family === family && image.status === 'READY',
    )
    const newest = findNewest(promoted, family)
    const older = promoted.filter((image) => newest !== undefined && image.created < newest.created)
    const target = to === undefined ? chooseTarget(older) : older.find(({ name }) => name === to)
    if (newest === undefined || target === undefined) throw refuse(family, to, newest, older, spell)
    const { name, selfLink } = target
    return { project, family, from: newest.name, to: name, replacement: selfLink, revive: !isActive(target) }
  },

  async run(plan, { world }): Promise<Rollback> {
    const images = await world.images(plan.project)
    // First, so that the family leads somewhere at every moment.
    if (plan.revive) await images.deprecate(plan.to, { state: 'ACTIVE' })
    const between = (await images.list(imageLabels.family, plan.family)).filter(
      (image) => image.family === plan.family && isActive(image),
    )
    const limit = between.findIndex(({ name }) => name === plan.to)
    for (const { name } of between.slice(0, limit))
      await images.deprecate(name, { state: 'DEPRECATED', replacement: plan.replacement })
    return plan
  },

  report: (rollback) => ({
    exitCode: 0,
    outputs: {},
    lines: [`✔ ${rollback.family} leads to ${rollback.to}; ${rollback.from} is deprecated`],
    summary: '',
    json: rollback,
  }),
})

/** The newest that is active, else the newest. */
function chooseTarget(older: readonly ImageRecord[]): ImageRecord | undefined {
  return older.find(isActive) ?? older[0]
}

function refuse(
  family: string,
  to: string | undefined,
  newest: ImageRecord | undefined,
  older: readonly ImageRecord[],
  spell: (field: string) => string,
): MayflyError {
  const names = older.map(({ name }) => name).join(', ')
  const message =
    newest === undefined
      ? `${spell('family')}: no image of Mayfly's is active in ${family}.`
      : to === undefined
        ? `${family} leads to ${newest.name}, and there is no older one to go back to.`
        : `${spell('to')}: expected an image before ${newest.name}${names === '' ? ', and there is none' : ` (${names})`}; got "${to}".`
  return new MayflyError(message, exitCodes.badInput)
}
