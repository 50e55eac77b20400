import { CloudError, type CloudFailure } from '../../errors.ts'
import { removeInstance, unlessBusy } from '../../protocol/departure.ts'
import type { Clock, Compute, Fleet, Images, Objects } from '../../world.ts'
import type { Leftover } from './plan.ts'
import { type SealedRun, sealLost } from './sealing.ts'

/** What it takes to remove things. */
export interface Broom {
  readonly objects: Objects
  readonly compute: Compute
  readonly fleet: Fleet
  readonly images: Images
  readonly clock: Clock
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

type Departure = Pick<Removal, 'gone' | 'why' | 'failure'>

const removalMs = 5 * 60_000
const pollMs = { first: 100, most: 3000 }

/** Removes a leftover and proves it. Never throws for a refusal. */
export async function removeLeftover(broom: Broom, leftover: Leftover): Promise<Removal> {
  if (leftover.kind === 'machine') return removeMachine(broom, leftover)
  const look = leftover.kind === 'disk' ? lookAtDisk : lookAtImage
  return { ...leftover, ...(await pollUntilGone(broom.clock, () => look(broom, leftover))) }
}

/** The run is sealed first: a sweep that is stopped in between leaves the machine, by which the next one finds the run. */
async function removeMachine({ objects, compute, clock }: Broom, leftover: Leftover): Promise<Removal> {
  const { name, zone = '', id } = leftover
  const sealed = leftover.attempt && (await sealLost(objects, leftover, leftover.attempt))
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

/** Undefined when its deletion is on its way; ask again. */
type Look = (broom: Broom, leftover: Leftover) => Promise<Departure | undefined>

const lookAtDisk: Look = async ({ fleet, compute }, { name, zone = '', id }) => {
  const disk = await fleet.disk(zone, name)
  // Another one of this name is not the one that was judged.
  if (disk === undefined || disk.id !== id) return { gone: true }
  if (disk.attached) return { gone: false, why: 'a machine has it again' }
  if (disk.status !== 'DELETING') await unlessBusy(() => compute.removeDisk(zone, name))
  return undefined
}

const lookAtImage: Look = async ({ images }, { name, id }) => {
  const image = await images.find(name)
  if (image === undefined || image.id !== id) return { gone: true }
  if (image.family !== undefined) return { gone: false, why: `it is in the family ${image.family} by now` }
  if (image.status !== 'DELETING') await unlessBusy(() => images.remove(name))
  return undefined
}

async function pollUntilGone(clock: Clock, look: () => Promise<Departure | undefined>): Promise<Departure> {
  const end = clock.now() + removalMs
  try {
    for (let pause = pollMs.first; ; pause = Math.min(pause * 1.5, pollMs.most)) {
      const departure = await look()
      if (departure !== undefined) return departure
      if (clock.now() >= end) return { gone: false, why: 'it was still there when the time to wait was over' }
      await clock.sleep(pause)
    }
  } catch (error) {
    if (error instanceof CloudError) return { gone: false, why: error.message, failure: error.failure }
    throw error
  }
}
