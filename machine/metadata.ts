import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes, MayflyError } from '../core/errors.ts'
import { type Placement, parseRecord, placementRecord } from '../core/protocol/records.ts'

/** The machine that the agent runs on, and what it is there for. */
export interface Self {
  /** The numeric id: another machine of the same name has another one. */
  readonly instanceId: string
  readonly name: string
  readonly zone: string
  readonly project: string
  /** The depot. */
  readonly bucket: string
  /** `runs/<batch>/<id>` */
  readonly run: string
  readonly attempt: number
  /** When Compute Engine removes the machine: seconds since the epoch on Google's clock. Absent for a task of a job. */
  readonly deadline?: number
  readonly placement?: Placement
}

/** Which machine of Compute Engine this is, whatever it is for. */
export async function readMachine(): Promise<Pick<Self, 'instanceId' | 'name' | 'zone' | 'project'>> {
  const [instanceId, name, zone, project] = await Promise.all([
    readValue('instance/id'),
    readValue('instance/name'),
    readValue('instance/zone'),
    readValue('project/project-id'),
  ])
  // projects/NUMBER/zones/ZONE
  return { instanceId, name, zone: zone.slice(zone.lastIndexOf('/') + 1), project }
}

/** Reads who this machine is from its metadata server. */
export async function readSelf(): Promise<Self> {
  const attribute = (name: string) => readValue(`instance/attributes/mayfly-${name}`)
  const [machine, bucket, run, attempt, deadline, placement] = await Promise.all([
    readMachine(),
    attribute('bucket'),
    attribute('run'),
    attribute('attempt'),
    attribute('deadline'),
    readPlacement(),
  ])
  return {
    ...machine,
    bucket,
    run,
    attempt: Number(attempt),
    deadline: Number(deadline),
    ...(placement && { placement }),
  }
}

/** Absent from a machine that was asked for by hand. */
async function readPlacement(): Promise<Placement | undefined> {
  const name = 'instance/attributes/mayfly-placement'
  const text = await readValue(name).catch(ignoreAbsence)
  return text === undefined ? undefined : parseRecord(placementRecord, name, new TextEncoder().encode(text))
}

function ignoreAbsence({ cause }: Error): undefined {
  if (!(cause instanceof MetadataError) || cause.status !== 404) throw cause
}

async function readValue(path: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return (await getMetadata(path, AbortSignal.timeout(10_000))).text
    } catch (cause) {
      const missing = cause instanceof MetadataError && cause.status === 404
      if (missing || tries === 5) {
        const message = `cannot read ${path} from the metadata server: ${(cause as Error).message}`
        throw new MayflyError(message, exitCodes.unknown, { cause })
      }
      await sleep(500 * 2 ** tries)
    }
  }
}

/** An answer of the metadata server's that is no value. */
class MetadataError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

interface MetadataValue {
  readonly text: string
  /** For `last_etag`: a wait then ends at once when the value has changed meanwhile. */
  readonly etag: string
}

/** One value; the path may carry a query. https://cloud.google.com/compute/docs/metadata/querying-metadata */
export async function getMetadata(path: string, signal: AbortSignal): Promise<MetadataValue> {
  const headers = { 'Metadata-Flavor': 'Google' }
  const response = await fetch(`http://${metadataHost()}/computeMetadata/v1/${path}`, { headers, signal })
  const text = await response.text()
  if (!response.ok) throw new MetadataError(response.status)
  return { text, etag: response.headers.get('etag') ?? '' }
}

/** The address, not the name: it needs no resolver. */
export function metadataHost(): string {
  return process.env.GCE_METADATA_HOST ?? '169.254.169.254'
}
