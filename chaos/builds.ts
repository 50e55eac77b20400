import { type Inputs, readInputs } from '../core/fields.ts'
import { finishBuild } from '../core/tasks/build-image/finish.ts'
import { buildImage } from '../core/tasks/build-image/task.ts'
import { sweep } from '../core/tasks/sweep/task.ts'
import type { Builder, Fleet, Git, Images } from '../core/world.ts'
import { type Answer, type Caller, hear, openSession, place } from './callers.ts'
import { buildSeconds, imageAgeMs } from './scenario.ts'

/** What a build's caller has besides. */
interface Workshop {
  readonly images: Images
  readonly builder: Builder
  readonly zones: readonly string[]
}

/** What is built: in CI, by a job and its retries. */
export interface BuildWish {
  readonly tag: string
  /** Another one than before is a tag that was moved. */
  readonly commit: string
  readonly job: string
}

/** Builds a tag's image, as the action, the plugin and the CLI do. */
export function askForImage(caller: Caller, wish: BuildWish, workshop: Workshop): Promise<void> {
  const given = {
    ...place,
    family: 'ml-batch',
    playbook: 'site.yml',
    zones: workshop.zones,
    keep: '1',
    delete_after: '1h',
    timeout: `${buildSeconds}s`,
  }
  const inputs = read(buildImage.fields, given)
  const session = openBuildSession(caller, wish, workshop)
  return hear(
    caller,
    async () => buildImage.run(await buildImage.plan(inputs, session), session),
    ({ image }) => ({ exitCode: 0, ...(image && { image: image.id }) }),
  )
}

/** The step after a build that was stopped. */
export function finishImage(caller: Caller, wish: BuildWish, workshop: Workshop): Promise<void> {
  const { state } = caller
  const given = Object.fromEntries(Object.keys(finishBuild.fields).map((name) => [name, state.get(name)]))
  const inputs = read(finishBuild.fields, given)
  return hear(
    caller,
    () => finishBuild.run(inputs, openBuildSession(caller, wish, workshop)),
    ({ gone }): Answer => ({ exitCode: gone ? 0 : 70 }),
  )
}

/** `mayfly sweep`. */
export function sweepUp(
  caller: Caller,
  ports: { readonly images: Images; readonly fleet: Fleet },
): Promise<void> {
  const inputs = read(sweep.fields, { ...place, image_age: `${imageAgeMs / 1000}s` })
  const { images, fleet } = ports
  const lent = { images: async () => images, fleet: async () => fleet }
  const session = openSession(caller, { jobAttempt: 1 }, lent)
  return hear(
    caller,
    async () => {
      const plan = await sweep.plan(inputs, session)
      const removals = await sweep.run(plan, session)
      return { ...sweep.report(removals, plan), unseenZones: plan.unseenZones }
    },
    ({ exitCode, unseenZones }) => ({ exitCode, unseenZones }),
  )
}

function openBuildSession(caller: Caller, { tag, commit, job }: BuildWish, { images, builder }: Workshop) {
  const git = { tag: async () => ({ name: tag, commit }), changes: async () => [] } as unknown as Git
  const context = { repository: 'acme/images', tag, commit, job, jobAttempt: 1 }
  return openSession(caller, context, { git, images: async () => images, builder: async () => builder })
}

type Given = Readonly<Record<string, string | readonly string[] | undefined>>

function read<F extends Parameters<typeof readInputs>[0]>(fields: F, given: Given): Inputs<F> {
  const present = Object.entries(given).filter((each): each is [string, string] => each[1] !== undefined)
  const source = { given: Object.fromEntries(present), spell: (name: string) => name, env: () => undefined }
  return readInputs(fields, source)
}
