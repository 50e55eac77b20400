import type { Report } from '../../host.ts'
import { type Fact, writeFacts } from '../../table.ts'
import { formatDuration } from '../../units.ts'
import type { ImageRecord } from '../../world.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import type { BuildPlan } from './plan.ts'

/** What a build came to. */
export interface Built {
  readonly state: 'built' | 'promoted' | 'unchanged' | 'checked'
  readonly plan: BuildPlan
  readonly image?: ImageRecord
  /** The image that the family led to before. */
  readonly previous?: string
  /** The image that the family leads to, where that may be another. */
  readonly newest?: string
  readonly smoke?: Outcome
  readonly deprecated: readonly string[]
  readonly deleted: readonly string[]
  readonly seconds: number
}

/** A build in every shape that a host may want. */
export function reportBuild(built: Built): Report {
  const { state, plan, image, previous, smoke, deprecated, deleted, seconds } = built
  return {
    exitCode: 0,
    outputs: {
      state,
      image: image?.name ?? '',
      image_id: image?.id ?? '',
      self_link: image?.selfLink ?? '',
      family: plan.wishes.family,
      previous_image: previous ?? '',
      smoke_run: smoke?.run ?? '',
    },
    ...writeFacts(writeTitle(built), listFacts(built)),
    json: { state, image, family: plan.wishes.family, previous, smoke, deprecated, deleted, seconds },
  }
}

function writeTitle({ state, plan, image, seconds }: Built): string {
  const { family } = plan.wishes
  const took = seconds === 0 ? '' : ` in ${formatDuration(seconds)}`
  if (state === 'checked')
    return `✔ ${plan.wishes.template ?? plan.wishes.playbook} is valid; there is no tag, and nothing was made`
  if (state === 'unchanged') return `✔ ${image?.name} was built before, from the same inputs`
  const done = state === 'built' ? 'built, tested' : 'built before, tested'
  return `✔ ${image?.name} ${done} and promoted into ${family}${took}`
}

function listFacts({ plan, image, previous, newest, smoke, deprecated, deleted }: Built): readonly Fact[] {
  const { source_image_project_id: project, source_image: source } = plan.build.settings
  return [
    ...(plan.tag === undefined ? [] : [['Tag', `${plan.tag}, commit ${plan.commit}`] as const]),
    ['From', `${project}/${source}`],
    ...(image === undefined ? [] : [['Image', `${image.name}, id ${image.id}, ${image.selfLink}`] as const]),
    ...(newest === undefined || newest === image?.name
      ? []
      : [['Family', `${plan.wishes.family} leads to ${newest}`] as const]),
    ...(previous === undefined ? [] : [['Before', previous] as const]),
    ...(smoke === undefined ? [] : [['Smoke', describeSmoke(smoke)] as const]),
    ...(deprecated.length === 0 ? [] : [['Deprecated', deprecated.join(', ')] as const]),
    ...(deleted.length === 0 ? [] : [['Deleted', deleted.join(', ')] as const]),
  ]
}

function describeSmoke({ run, phases, machineGone }: Outcome): string {
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0)
  const gone = machineGone === undefined ? '' : `; machine gone, verified ${machineGone.slice(11, 19)} UTC`
  return `${run} in ${formatDuration(seconds)}${gone}`
}
