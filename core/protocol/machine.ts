import { CloudError, ConflictError, exitCodes, MayflyError } from '../errors.ts'
import { deriveRequestId, labelInstance } from '../names.ts'
import type { Clock, Compute, Instance, InstanceSpec } from '../world.ts'
import type { Attempt } from './attempts.ts'
import type { RunRecord } from './records.ts'

/** The machine of an attempt: where it is, by the name that follows from the run. */
export interface Machine {
  readonly name: string
  readonly zone: string
}

/** Finds the attempt's machine in the zones that it may be in. */
export async function findMachine(
  compute: Compute,
  run: RunRecord,
  attempt: Attempt,
): Promise<Machine | undefined> {
  const name = attempt.record.instance
  for (const zone of run.machine.zones) {
    const instance = await compute.instance(zone, name)
    if (instance !== undefined && isOurs(instance, run)) return { name, zone }
  }
  return undefined
}

/** What a machine is made with. */
export interface Foundry {
  readonly compute: Compute
  readonly clock: Clock
  readonly bucket: string
  /** The startup script. */
  readonly bootstrap: string
  readonly onStockout: (error: CloudError) => void
}

/**
 * Creates the attempt's machine in the first zone that has room. Throws the CloudError of the last zone when none
 * has; `unknown` when no answer tells whether it exists, in which case no other zone has been tried.
 */
export async function createMachine(
  foundry: Foundry,
  run: RunRecord,
  path: string,
  attempt: Attempt,
): Promise<Machine> {
  const { clock } = foundry
  // Google's time is the attempt's own, plus what has passed here since.
  const opened = clock.now()
  let untried: readonly string[] = run.machine.zones
  let refusal: CloudError | undefined
  while (untried.length > 0) {
    const zone = chooseZone(untried, refusal)
    untried = untried.filter((other) => other !== zone)
    const serverNow = attempt.created + clock.now() - opened
    const spec = specifyInstance(foundry, run, path, attempt.record, zone, serverNow)
    try {
      await insertOnce(foundry.compute, spec, run)
      return { name: spec.name, zone }
    } catch (error) {
      if (!(error instanceof CloudError) || error.failure !== 'stockout') throw error
      refusal = error
      foundry.onStockout(error)
    }
  }
  throw refusal ?? new MayflyError('The batch names no zone.', exitCodes.badInput)
}

/** Google's error names zones that have room; the first of ours among them is next. */
function chooseZone(untried: readonly string[], refusal: CloudError | undefined): string {
  const suggested = untried.find((zone) => refusal?.zonesAvailable.includes(zone))
  return suggested ?? (untried[0] as string)
}

/** Inserts, and when the answer is unclear looks before it draws a conclusion: unknown is not failed. */
async function insertOnce(compute: Compute, spec: InstanceSpec, run: RunRecord): Promise<void> {
  try {
    await compute.insert(spec)
  } catch (error) {
    if (!(error instanceof CloudError) || (error.failure !== 'exists' && error.failure !== 'unknown'))
      throw error
    const instance = await compute.instance(spec.zone, spec.name)
    if (instance === undefined) throw error
    if (!isOurs(instance, run))
      throw new ConflictError(
        `An instance named ${spec.name} exists in ${spec.zone} and does not carry this run's labels. Nothing has been changed; look at it, and delete it if nobody needs it.`,
        { cause: error },
      )
  }
}

/** Whether an instance carries the labels of this run. */
export function isOurs(instance: Instance, run: RunRecord): boolean {
  return instance.labels.tool === 'mayfly' && instance.labels['mayfly-run'] === run.id
}

/** The body of the insert: a pure function of the run, the attempt, the zone and the time. */
function specifyInstance(
  { bucket, bootstrap }: Pick<Foundry, 'bucket' | 'bootstrap'>,
  run: RunRecord,
  path: string,
  attempt: { readonly number: number; readonly instance: string },
  zone: string,
  serverNow: number,
): InstanceSpec {
  const deadline = Math.floor(serverNow / 1000) + run.timeoutSeconds
  return {
    name: attempt.instance,
    zone,
    machineType: run.machine.type,
    image: run.image.selfLink,
    spot: run.machine.spot,
    maxRunSeconds: run.timeoutSeconds,
    externalIp: run.machine.externalIp,
    ...(run.machine.diskGb !== undefined && { diskGb: run.machine.diskGb }),
    ...(run.machine.serviceAccount !== undefined && { serviceAccount: run.machine.serviceAccount }),
    ...(run.machine.subnetwork !== undefined && { subnetwork: run.machine.subnetwork }),
    labels: labelInstance(run, attempt.number, deadline),
    metadata: {
      'startup-script': bootstrap,
      'mayfly-bucket': bucket,
      'mayfly-run': path,
      'mayfly-attempt': String(attempt.number),
      'mayfly-agent': run.agent,
      'mayfly-deadline': String(deadline),
    },
    requestId: deriveRequestId(path, attempt.number, zone, 'insert'),
  }
}
