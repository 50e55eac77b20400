import { cloudFields, dryRunField, parsed } from '../../fields.ts'
import { readDestination, slackFields } from '../../notify/destination.ts'
import { tell } from '../../notify/tell.ts'
import { inParallel } from '../../parallel.ts'
import { defineTask, type Session } from '../../task.ts'
import { readDuration } from '../../units.ts'
import type { Clock } from '../../world.ts'
import { describeSweep } from './notice.ts'
import { planSweep, type SweepPlan } from './plan.ts'
import { type Broom, type Removal, removeLeftover } from './removal.ts'
import { explainUnseen, reportSweep } from './report.ts'
import { lookAround } from './sight.ts'

const fields = {
  image_age: parsed(
    { description: 'Delete images that are still in no family after this time.', default: '7d' },
    readDuration,
  ),
  ...slackFields,
  ...cloudFields,
  ...dryRunField,
} as const

const outputs = {
  removed: 'How many machines, disks and images were removed and are proven gone.',
  kept: "How many of Mayfly's stay: with a deadline to come, not to be judged, or not to be deleted.",
  unseen_zones: 'Zones that Google could not tell of, with commas. What is in them is unknown.',
}

const width = 8

/** What dead controllers, killed builds and lost runners left behind is found and removed. */
export const sweep = defineTask({
  name: 'sweep',
  summary: 'Find and remove the machines, disks and images that killed jobs left behind.',
  fields,
  outputs,

  async plan(inputs, { world, spell }): Promise<SweepPlan> {
    const { project, bucket, imageAge: imageAgeSeconds } = inputs
    const slack = readDestination(inputs, spell)
    const [fleet, images] = await Promise.all([world.fleet(project), world.images(project)])
    const sight = await lookAround(fleet, images, imageAgeSeconds)
    return { ...planSweep({ project, bucket, imageAgeSeconds }, sight), ...(slack && { slack }) }
  },

  async run(plan, session): Promise<readonly Removal[]> {
    warn(plan, session)
    if (plan.remove.length === 0) return []
    const removals = await removeAll(plan, await openBroom(plan, session), session)
    const news = describeSweep(plan.project, removals, session.context)
    if (news) await tell(session, plan.slack, news)
    return removals
  },

  report: reportSweep,
})

function warn(plan: SweepPlan, { log }: Session): void {
  for (const { kind, name, zone = 'the project', why, unjudged } of plan.stay)
    if (unjudged) log.warn(`The ${kind} ${name} in ${zone} stays, ${why}. Look at it by hand.`)
  if (plan.unseenZones.length > 0) log.warn(explainUnseen(plan))
}

async function openBroom({ project, bucket }: SweepPlan, { world, signal }: Session): Promise<Broom> {
  const [objects, compute, fleet, images] = await Promise.all([
    world.objects(bucket),
    world.compute(project),
    world.fleet(project),
    world.images(project),
  ])
  const jobs = () => world.batchJobs(project)
  return { objects, compute, fleet, images, jobs, clock: hurry(world.clock, signal) }
}

/** On this clock all waiting is over as soon as the host wants to stop. */
function hurry(clock: Clock, signal: AbortSignal): Clock {
  return {
    now: () => (signal.aborted ? Number.POSITIVE_INFINITY : clock.now()),
    sleep: (ms) => clock.sleep(ms, signal),
  }
}

/** Kind by kind, and within a kind several at a time. */
async function removeAll({ remove }: SweepPlan, broom: Broom, { log, signal }: Session) {
  const removals: Removal[] = []
  for (const kind of ['machine', 'disk', 'image'] as const) {
    const leftovers = remove.filter((each) => each.kind === kind)
    await inParallel(leftovers, width, async (leftover) => {
      if (signal.aborted) return
      removals.push(await removeLeftover(broom, leftover))
      log.progress(`${removals.length} of ${remove.length}`)
    })
  }
  const gone = removals.filter((removal) => removal.gone).length
  if (signal.aborted) log.warn(`Stopped after ${gone} of ${remove.length}. Another sweep finds the rest.`)
  signal.throwIfAborted()
  return removals
}
