import type { Destination } from '../../notify/destination.ts'
import type { FailureReason, ResultState } from '../../protocol/records.ts'
import type { Session } from '../../task.ts'
import type { ImageRecord } from '../../world.ts'
import { runInnerBatch } from '../run-batch/inner.ts'
import { onlyLeftovers } from '../run-batch/news.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import type { Wishes } from './wishes.ts'

const faults: ReadonlySet<string> = new Set<FailureReason | ResultState>([
  'user',
  'image-pull',
  'outputs',
  'lost',
  'timed-out',
])

/** Runs the smoke batch on a machine of the image, as `run-batch` runs any batch. Asked again, it finds its run. */
export function testImage(
  wishes: Wishes,
  image: ImageRecord,
  session: Session,
  slack?: Destination,
): Promise<Outcome> {
  const { project, bucket, smoke } = wishes
  const inner = {
    project,
    bucket,
    batch: smoke ?? { name: 'the smoke batch that comes with Mayfly', document: describeBatch(wishes) },
    image: image.name,
    key: `image/${image.name}/${image.id}`,
    retry: true,
    ...(slack && { telling: { slack, notify: onlyLeftovers } }),
  }
  return runInnerBatch(inner, { ...session, spell: spellSmoke(session.spell) })
}

/** What is the batch file to `run-batch` is the smoke batch here. */
export function spellSmoke(spell: Session['spell']): Session['spell'] {
  return (field) => spell(field === 'batch' ? 'smoke' : field)
}

/** Whether the outcome is the image's own fault; a sold-out zone, say, is not. */
export function isFault({ state, reason }: Outcome): boolean {
  return faults.has(reason ?? state)
}

/** The machine boots and finds the agent, which is what the run itself proves, and its containers start. */
function describeBatch(wishes: Wishes): object {
  const { family, machineType, zones, subnetwork, serviceAccount, internalIp, containers } = wishes
  return {
    name: `smoke-${family}`,
    machine: {
      image: family,
      type: machineType,
      zones,
      ...(subnetwork !== undefined && { subnetwork }),
      ...(serviceAccount !== undefined && { service_account: serviceAccount }),
      ...(internalIp && { external_ip: false }),
    },
    timeout: '15m',
    code: 'none',
    steps: [
      { name: 'machine', run: 'uname -a' },
      ...containers.map((container) => ({ name: container, container, run: 'true' })),
    ],
  }
}
