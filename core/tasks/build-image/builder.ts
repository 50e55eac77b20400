import { CloudError, CommandError, ConflictError, exitCodes, InputError, MayflyError } from '../../errors.ts'
import { removeInstance } from '../../protocol/departure.ts'
import type { Session } from '../../task.ts'
import { formatDuration } from '../../units.ts'
import type { Builder, Clock, Compute, ImageRecord, Images, Instance } from '../../world.ts'
import { type BuildPlan, ownerLabel } from './plan.ts'

/** What making an image needs. */
export interface Workshop {
  readonly builder: Builder
  readonly compute: Compute
  readonly images: Images
}

const watchMs = 3000

/** To see a builder machine gone; shorter when the host wants to stop. */
const budgets = { removal: 5 * 60_000, hurriedRemoval: 5000 }

/** Makes the image in the first zone that has room. Whatever happens, no builder machine of ours is left. */
export async function makeImage(plan: BuildPlan, workshop: Workshop, session: Session): Promise<ImageRecord> {
  const { zones } = plan.wishes
  await clearBuilder(plan, workshop.compute, session)
  for (const [index, zone] of zones.entries()) {
    const failure = await buildIn(zone, plan, workshop, session)
    if (failure === undefined) break
    if (index === zones.length - 1) throw failure
    session.log.warn(`${failure.message} Trying the next zone.`)
  }
  return readMade(plan, workshop.images)
}

/** Undefined when the image is made, and a stockout when the zone has no room; throws everything else. */
async function buildIn(
  zone: string,
  plan: BuildPlan,
  { builder, compute }: Workshop,
  session: Session,
): Promise<CloudError | undefined> {
  const { log, signal, world } = session
  const { timeoutSeconds } = plan.wishes
  const build = { ...plan.build, settings: { ...plan.build.settings, zone } }
  const watch = await watchInsert(compute, world.clock, zone, build.settings.instance_name)
  const limit = limitTime(world.clock, timeoutSeconds, watch.stopped)
  const signals = { signal: AbortSignal.any([signal, limit]), hopeless: watch.hopeless }
  try {
    const made = await builder.build(build, { log, ...signals })
    if (made !== plan.image) throw refuseName(plan, made, session)
    return undefined
  } catch (error) {
    await removeBuilder({ ...listLeavings(plan), zones: [zone] }, compute, session)
    signal.throwIfAborted()
    await refuseOthers(plan, zone, compute)
    const refusal = await watch.look().catch(() => undefined)
    if (refusal?.failure === 'stockout') return refusal
    throw refusal ?? describeFailure(error)
  } finally {
    watch.stop()
    log.endGroup()
  }
}

/** Packer's or the playbook's own failure, with Packer's own exit code. */
function describeFailure(error: unknown): unknown {
  if (!(error instanceof CommandError)) return error
  const { message, where } = error
  return new MayflyError(message, 1, { cause: error, where })
}

/** Packer knows that it has no machine, some versions only after minutes; Google knows at once, and why. */
async function watchInsert(compute: Compute, clock: Clock, zone: string, name: string) {
  const before = await compute.failedInsert(zone, name)
  const hopeless = new AbortController()
  const stopped = new AbortController()
  const look = async () => {
    const failed = await compute.failedInsert(zone, name)
    return failed?.id === before?.id ? undefined : failed?.error
  }
  const watch = async () => {
    while (!stopped.signal.aborted && (await compute.instance(zone, name))?.status !== 'RUNNING') {
      const refusal = await look()
      if (refusal !== undefined) hopeless.abort(refusal)
      if (refusal !== undefined) return
      await clock.sleep(watchMs, stopped.signal)
    }
  }
  // Who may not look, waits for what Packer says.
  watch().catch(() => undefined)
  return { hopeless: hopeless.signal, look, stopped: stopped.signal, stop: () => stopped.abort() }
}

/** Aborts when a build has taken too long. Compute Engine would delete its machine, and older plugins do not ask it to. */
function limitTime(clock: Clock, seconds: number, stopped: AbortSignal): AbortSignal {
  const limit = new AbortController()
  const message = `The build was not done within its timeout of ${formatDuration(seconds)}; it was ended, and its machine deleted.`
  clock.sleep(seconds * 1000, stopped).then(() => {
    if (!stopped.aborted) limit.abort(new MayflyError(message, exitCodes.timedOut))
  })
  return limit.signal
}

function refuseName({ image, wishes }: BuildPlan, made: string, { spell }: Session): InputError {
  const message = `${wishes.template} made an image "${made}" and not "${image}". Its googlecompute source needs: image_name = var.image_name. The image has no part in the family; delete it.`
  return new InputError([{ where: spell('template'), message }])
}

/** What an earlier try of this very job left, or anybody whose time was over. Another's build goes first. */
async function clearBuilder(plan: BuildPlan, compute: Compute, session: Session): Promise<void> {
  const { clock } = session.world
  for (const zone of plan.wishes.zones) await refuseOthers(plan, zone, compute, clock)
  await removeBuilder(listLeavings(plan), compute, session)
}

async function refuseOthers(plan: BuildPlan, zone: string, compute: Compute, clock?: Clock): Promise<void> {
  const { instance_name: name } = plan.build.settings
  const instance = await compute.instance(zone, name)
  if (instance === undefined || isOurs(plan, instance)) return
  const deadline = readDeadline(instance)
  if (clock !== undefined && deadline < clock.now()) return
  throw new ConflictError(
    `${plan.image} is being built by another: machine ${name} in ${zone}, which is gone ${new Date(deadline).toISOString()} at the latest. Nothing has been changed. Wait for its end and ask again; if that build is dead, \`gcloud compute instances delete ${name} --zone ${zone} --delete-disks all\` makes way at once.`,
  )
}

/** What a build may leave when it is killed: where its builder machine is, and by what it is known. */
export interface Leavings {
  readonly project: string
  readonly zones: readonly string[]
  readonly instance: string
  readonly owner: string
}

export function listLeavings({ wishes: { project, zones }, build, owner }: BuildPlan): Leavings {
  return { project, zones, instance: build.settings.instance_name, owner }
}

/** Deletes the builder machine and its disk where they are ours, and says so when it cannot. */
export async function removeBuilder(
  { zones, instance: name, owner }: Leavings,
  compute: Compute,
  { world: { clock }, log, signal }: Session,
): Promise<boolean> {
  const isRemovable = (instance: Instance) =>
    isOurs({ owner }, instance) || readDeadline(instance) < clock.now()
  const removal = { name, zones, isOurs: isRemovable, withDisk: true } as const
  const departure = await removeInstance(
    compute,
    clock,
    removal,
    signal.aborted ? budgets.hurriedRemoval : budgets.removal,
  )
  if (!departure.gone) {
    const { machine, why } = departure
    log.warn(`The builder machine ${machine.name} in ${machine.zone} could not be proven gone: ${why}.`)
  }
  return departure.gone
}

function isOurs({ owner }: Pick<BuildPlan, 'owner'>, { labels }: Instance): boolean {
  return labels[ownerLabel] === owner
}

/** Milliseconds since the epoch. */
function readDeadline({ labels }: Instance): number {
  return Number(labels['mayfly-deadline'] ?? Number.POSITIVE_INFINITY) * 1000
}

/** The image as Compute Engine has it. A template of the team's may not have set the labels, and must not have promoted it. */
async function readMade(plan: BuildPlan, images: Images): Promise<ImageRecord> {
  const { template, family } = plan.wishes
  const made = await images.find(plan.image)
  if (made === undefined)
    throw new CloudError('unknown', 'compute.images.get', `Packer made ${plan.image}, and it is not found.`)
  if (made.family !== undefined) {
    await images.deprecate(made.name, { state: 'DEPRECATED' })
    throw new ConflictError(
      `${template} put ${made.name} into the family ${made.family} before it was tested. It has been deprecated, so that the family leads to the image before it. Remove image_family from the template: Mayfly puts the image into ${family} after the smoke batch.`,
    )
  }
  const { image_labels: labels } = plan.build.settings
  if (Object.entries(labels).every(([name, value]) => made.labels[name] === value)) return made
  await images.label(made, labels)
  return { ...made, labels: { ...made.labels, ...labels } }
}
