import type { Destination } from '../../notify/destination.ts'
import type { FailureReason, ResultState } from '../../protocol/records.ts'
import type { Session } from '../../task.ts'
import type { ImageRecord } from '../../world.ts'
import { gatherFacts } from '../run-batch/facts.ts'
import { onlyLeftovers } from '../run-batch/news.ts'
import type { Outcome } from '../run-batch/outcome.ts'
import { planRun } from '../run-batch/plan.ts'
import { runBatch } from '../run-batch/task.ts'
import type { Wishes } from './wishes.ts'

const faults: ReadonlySet<string> = new Set<FailureReason | ResultState>([
  'user',
  'image-pull',
  'outputs',
  'lost',
  'timed-out',
])

const ownFile = 'the smoke batch that comes with Mayfly'

/** Runs the smoke batch on a machine of the image, as `run-batch` runs any batch. Asked again, it finds its run. */
export async function testImage(
  wishes: Wishes,
  image: ImageRecord,
  session: Session,
  slack?: Destination,
): Promise<Outcome> {
  const { project, bucket, smoke } = wishes
  const inner: Session = {
    ...session,
    // The run is one of this task's facts, not an output of its own.
    setOutput: () => undefined,
    world: {
      ...session.world,
      files: {
        read: (path) =>
          path === ownFile ? Promise.resolve(writeBatch(wishes)) : session.world.files.read(path),
      },
    },
    spell: (field) => session.spell(field === 'batch' ? 'smoke' : field),
  }
  const asked = {
    project,
    bucket,
    batch: smoke ?? ownFile,
    image: image.name,
    key: `image/${image.name}/${image.id}`,
    params: {},
    code: undefined,
  }
  const run = planRun(await gatherFacts(asked, inner))
  const news = slack && { slack, notify: onlyLeftovers }
  return runBatch.run({ project, bucket, wait: true, retry: true, run, ...news }, inner)
}

/** Whether the outcome is the image's own fault; a sold-out zone, say, is not. */
export function isFault({ state, reason }: Outcome): boolean {
  return faults.has(reason ?? state)
}

/** The machine boots and finds the agent, which is what the run itself proves, and its containers start. JSON is YAML. */
function writeBatch(wishes: Wishes): string {
  const { family, machineType, zones, subnetwork, serviceAccount, internalIp, containers } = wishes
  return JSON.stringify({
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
  })
}
