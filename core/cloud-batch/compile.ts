import * as z from 'zod/mini'
import { exitCodes, MayflyError } from '../errors.ts'
import { deriveRequestId, labelInstance, regionOf } from '../names.ts'
import type { AttemptRecord, RunRecord } from '../protocol/records.ts'
import type { JobSpec } from '../world.ts'
import { type BatchJob, batchJob, limits, retriedCodes } from './job.ts'
import { readRanges } from './ranges.ts'

/** Where a job's machines find what they are for. */
export interface Workshop {
  readonly bucket: string
  /** The startup script, which is every task's program. */
  readonly bootstrap: string
}

/** Batch retries a task on a new VM without asking whether its work had begun; one that had not is free. */
const freeTries = 2

/** Between the end of one task's time and the beginning of the next one's on the same VM. */
const changeSeconds = 600

/**
 * The job of an attempt: a pure function of the run, the attempt and when it was opened, in milliseconds on Google's
 * clock. Throws for what Google would refuse, or take for something else.
 */
export function compileJob(
  workshop: Workshop,
  run: RunRecord,
  path: string,
  attempt: Pick<AttemptRecord, 'number' | 'instance' | 'tasks'>,
  openedMs: number,
): JobSpec {
  const job = check(buildJob(workshop, run, path, attempt, openedMs))
  return {
    id: attempt.instance,
    location: findLocation(run),
    job,
    requestId: deriveRequestId(path, attempt.number, 'batch', 'create'),
  }
}

/** The region of a run's job. */
export function findLocation({ machine }: Pick<RunRecord, 'machine'>): string {
  return regionOf(machine.zones[0] ?? '')
}

function buildJob(
  { bucket, bootstrap }: Workshop,
  run: RunRecord,
  path: string,
  { number, tasks: only }: Pick<AttemptRecord, 'number' | 'tasks'>,
  openedMs: number,
): BatchJob {
  const { machine, timeoutSeconds, attempts, tasks = { count: 1, parallelism: 1 } } = run
  const count = only === undefined ? tasks.count : [...readRanges(only)].length
  const parallelism = Math.min(tasks.parallelism, count)
  const maxRetryCount = Math.min(limits.retries, attempts - 1 + freeTries)
  const rounds = Math.ceil(count / parallelism) * (maxRetryCount + 1)
  const seconds = Math.min(limits.runSeconds, rounds * (timeoutSeconds + changeSeconds))
  const deadline = Math.floor(openedMs / 1000) + limits.queueSeconds + seconds
  const labels = { ...labelInstance(run, number, deadline), 'mayfly-engine': 'cloud-batch' }
  return {
    labels,
    taskGroups: [
      {
        taskCount: String(count),
        parallelism: String(parallelism),
        taskCountPerNode: '1',
        taskSpec: {
          runnables: [{ displayName: 'mayfly', script: { text: bootstrap } }],
          environment: {
            variables: {
              MAYFLY_ENGINE: 'cloud-batch',
              MAYFLY_BUCKET: bucket,
              MAYFLY_RUN: path,
              MAYFLY_ATTEMPT: String(number),
              MAYFLY_AGENT: run.agent,
            },
          },
          // Less than any machine has: the machine type decides, and a task has it for itself.
          computeResource: { cpuMilli: '1000', memoryMib: '512' },
          maxRunDuration: `${timeoutSeconds}s`,
          maxRetryCount,
          lifecyclePolicies: [{ action: 'RETRY_TASK', actionCondition: { exitCodes: [...retriedCodes] } }],
        },
      },
    ],
    allocationPolicy: {
      location: { allowedLocations: machine.zones.map((zone) => `zones/${zone}`) },
      instances: [
        {
          policy: {
            machineType: machine.type,
            provisioningModel: machine.spot ? 'SPOT' : 'STANDARD',
            bootDisk: {
              image: run.image.selfLink.replace(/^.*\/(?=projects\/)/, ''),
              ...(machine.diskGb !== undefined && { sizeGb: String(machine.diskGb) }),
            },
          },
        },
      ],
      ...(machine.serviceAccount !== undefined && { serviceAccount: { email: machine.serviceAccount } }),
      ...describeNetwork(run),
      labels,
    },
    // Without it, what Batch's own agent says is lost. What steps say is in the bucket.
    logsPolicy: { destination: 'CLOUD_LOGGING' },
  }
}

/** A network is named only where the default one, with an external address, will not do. */
function describeNetwork(run: RunRecord): Pick<BatchJob['allocationPolicy'], 'network'> {
  const { subnetwork, externalIp } = run.machine
  if (subnetwork === undefined && externalIp) return {}
  const standard = {
    network: 'global/networks/default',
    subnetwork: `regions/${findLocation(run)}/subnetworks/default`,
  }
  const named = subnetwork === undefined ? standard : { subnetwork }
  return { network: { networkInterfaces: [{ ...named, ...(!externalIp && { noExternalIpAddress: true }) }] } }
}

function check(job: BatchJob): BatchJob {
  const { success, error } = z.safeParse(batchJob, job)
  if (!success) {
    const message = `Google Cloud Batch would refuse the job:\n${z.prettifyError(error)}`
    throw new MayflyError(message, exitCodes.badInput, { cause: error })
  }
  const bytes = new TextEncoder().encode(JSON.stringify(job)).length
  if (bytes <= limits.bytes) return job
  const message = `The job has ${bytes} bytes, and Google Cloud Batch takes ${limits.bytes} at most. Nothing was asked for.`
  throw new MayflyError(message, exitCodes.badInput)
}
