import { deriveRequestId, labelInstance } from '../names.ts'
import type { InstanceSpec } from '../world.ts'
import type { AttemptRecord, Placement, RunRecord } from './records.ts'

/** Where and as what a machine is asked for, and after what. */
export interface Place extends Placement {
  readonly zone: string
  /** A place is asked for anew in every round: the same request id would bring the old answer. */
  readonly round: number
}

/** The body of the insert: a pure function of the run, the attempt, the place and the time. */
export function specifyInstance(
  { bucket, bootstrap }: { readonly bucket: string; readonly bootstrap: string },
  run: RunRecord,
  path: string,
  { number, instance }: Pick<AttemptRecord, 'number' | 'instance'>,
  { zone, round, ...placement }: Place,
  serverNow: number,
): InstanceSpec {
  const { type, spot } = placement
  const { diskGb, serviceAccount, subnetwork, externalIp } = run.machine
  const deadline = Math.floor(serverNow / 1000) + run.timeoutSeconds
  return {
    name: instance,
    zone,
    machineType: type,
    image: run.image.selfLink,
    spot,
    maxRunSeconds: run.timeoutSeconds,
    externalIp,
    ...(diskGb !== undefined && { diskGb }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    ...(subnetwork !== undefined && { subnetwork }),
    labels: { ...labelInstance(run, number, deadline), 'mayfly-type': type, 'mayfly-spot': String(spot) },
    metadata: {
      'startup-script': bootstrap,
      'mayfly-bucket': bucket,
      'mayfly-run': path,
      'mayfly-attempt': String(number),
      'mayfly-agent': run.agent,
      'mayfly-deadline': String(deadline),
      // For the result, which is the machine's to write.
      'mayfly-placement': JSON.stringify(placement),
    },
    requestId: deriveRequestId(path, number, zone, type, spot ? 'spot' : 'standard', round, 'insert'),
  }
}
