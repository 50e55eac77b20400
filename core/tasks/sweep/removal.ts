import { CloudError, type CloudFailure } from '../../errors.ts'
import { regionOf } from '../../names.ts'
import { type Obstacle, pollUntilGone, removeInstance, unlessBusy } from '../../protocol/departure.ts'
import type { BatchJobs, Clock, Compute, Fleet, Images, Objects } from '../../world.ts'
import type { Leftover } from './plan.ts'
import { type SealedRun, sealLost } from './sealing.ts'

/** What it takes to remove things. */
export interface Broom {
  readonly objects: Objects
  readonly compute: Compute
  readonly fleet: Fleet
  readonly images: Images
  readonly clock: Clock
  /** Opened for machines of jobs alone. */
  jobs(): Promise<BatchJobs>
}

/** What became of a leftover. */
export interface Removal extends Leftover {
  /** Google says that it is not found. */
  readonly gone: boolean
  /** Why it is still there. */
  readonly why?: string
  readonly failure?: CloudFailure
  /** What was done about the run that the machine belonged to. */
  readonly sealed?: SealedRun
}

const removalMs = 5 * 60_000

/** Removes a leftover and proves it. Never throws for a refusal. */
export async function removeLeftover(broom: Broom, leftover: Leftover): Promise<Removal> {
  if (leftover.kind === 'machine') return removeMachine(broom, leftover)
  const look = leftover.kind === 'disk' ? lookAtDisk : lookAtImage
  const { clock } = broom
  const obstacle = await pollUntilGone(clock, clock.now() + removalMs, () => look(broom, leftover))
  return { ...leftover, gone: obstacle === undefined, ...obstacle }
}

/** The run is sealed first: a sweep that is stopped in between leaves the machine, by which the next one finds the run. */
async function removeMachine(broom: Broom, leftover: Leftover): Promise<Removal> {
  const { objects, compute, clock } = broom
  const { name, zone = '', id } = leftover
  const sealed = leftover.attempt && (await sealLost(objects, leftover, leftover.attempt))
  await endJob(broom, leftover)
  const removal = {
    name,
    zones: [zone],
    isOurs: (instance: { readonly id: string }) => instance.id === id,
    withDisk: true,
  } as const
  const { gone, ...rest } = await removeInstance(compute, clock, removal, removalMs)
  return {
    ...leftover,
    gone,
    ...('why' in rest && { why: rest.why, ...(rest.failure && { failure: rest.failure }) }),
    ...(sealed && { sealed }),
  }
}

/** A refusal shows in the machine, which is there again. */
async function endJob({ jobs }: Broom, { job, zone = '' }: Leftover): Promise<void> {
  if (job === undefined) return
  await unlessRefused(async () => (await jobs()).cancel(regionOf(zone), job))
}

async function unlessRefused(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
  }
}

type Look = (broom: Broom, leftover: Leftover) => Promise<'gone' | 'going' | Obstacle>

const lookAtDisk: Look = async ({ fleet, compute }, { name, zone = '', id }) => {
  const disk = await fleet.disk(zone, name)
  // Another one of this name is not the one that was judged.
  if (disk === undefined || disk.id !== id) return 'gone'
  if (disk.attached) return { why: 'a machine has it again' }
  if (disk.status !== 'DELETING') await unlessBusy(() => compute.removeDisk(zone, name))
  return 'going'
}

const lookAtImage: Look = async ({ images }, { name, id }) => {
  const image = await images.find(name)
  if (image === undefined || image.id !== id) return 'gone'
  if (image.family !== undefined) return { why: `it is in the family ${image.family} by now` }
  if (image.status === 'DELETING') return 'going'
  if ((await images.disksOf(image)).length > 0) return { why: 'a disk that was made from it is there' }
  await unlessBusy(() => images.remove(name))
  return 'going'
}
