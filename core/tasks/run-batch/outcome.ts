import { listInputs } from '../../inputs/report.ts'
import { type Hire, type NoPrice, type Price, priceAtMost, priceHires } from '../../prices/estimate.ts'
import type { Attempt } from '../../protocol/attempts.ts'
import type { Claim } from '../../protocol/claim.ts'
import type { Machine } from '../../protocol/machine.ts'
import type {
  FailureReason,
  InputResult,
  OutputResult,
  Phase,
  ResultRecord,
  ResultState,
  RunRecord,
  SoldOut,
  StepResult,
  Tally,
} from '../../protocol/records.ts'
import type { Attendance } from './attend.ts'

/** What a run came to, for people and programs. The same for everyone who asks about a run that is over. */
export interface Outcome {
  /** `runs/<batch>/<id>` */
  readonly run: string
  readonly key: string
  readonly batch: string
  readonly state: ResultState | 'running'
  readonly reason?: FailureReason
  readonly exitCode: number
  readonly message: string
  /** The step that decided. */
  readonly step?: string
  readonly attempt: number
  /** The attempts before it, and how each ended. */
  readonly earlier: readonly EarlierAttempt[]
  /** The attempt is an earlier caller's, found under the key: nothing was done twice. */
  readonly followed: boolean
  /** It is a run of another key, with the same inputs. */
  readonly reused?: true
  readonly machine: {
    readonly name: string
    readonly zone?: string
    /** The type that was had, or the first that was asked for. */
    readonly type: string
    readonly spot: boolean
    /** What was sold out before it was had. */
    readonly soldOut: readonly SoldOut[]
    readonly image: string
    readonly imageId: string
  }
  readonly code?: RunRecord['code']
  readonly params: Readonly<Record<string, string>>
  /** Versions of the secrets that the machine has read. */
  readonly secrets: readonly string[]
  /** What was fetched before the first step, as far as it is known. */
  readonly inputs: readonly InputResult[]
  /** Manifests of the checkpoint that the attempt went on from, and of the last one that it kept. */
  readonly checkpoint?: ResultRecord['checkpoint']
  /** Of a run with engine cloud-batch; the machine is then its job. */
  readonly tasks?: Tally
  readonly steps: readonly StepResult[]
  readonly phases: readonly Phase[]
  readonly outputs: readonly OutputResult[]
  /** Of all machines of the run so far; of one that goes on, what it may cost at most. Absent when there was no machine. */
  readonly price?: Price | NoPrice
  /** `gs://` address of the manifest. */
  readonly manifest?: string
  /** `gs://` address of result.json. */
  readonly result?: string
  /** When the machine and its disk were not found any more, ISO 8601. */
  readonly machineGone?: string
  /** A machine that could not be proven gone: what to look at and why. */
  readonly leftover?: {
    readonly name: string
    readonly zone: string
    readonly why: string
    readonly link: string
  }
}

interface EarlierAttempt {
  readonly attempt: number
  readonly state: ResultState
  readonly exitCode: number
  readonly message: string
  readonly zone?: string
}

/** Puts together what the depot and the attendant know. */
export function describeOutcome(
  claim: Claim,
  attendance: Attendance,
  place: { bucket: string; project: string },
): Outcome {
  const { run, path } = claim
  const { attempt, result, departure, machine } = attendance
  const zone = result?.zone ?? machine?.zone
  const { type, spot, soldOut } = result?.placement ?? machine?.placement ?? { ...run.machine, soldOut: [] }
  const folder = `gs://${place.bucket}/${path}/a${attempt.record.number}`
  return {
    run: path,
    key: run.key,
    batch: run.batch,
    state: result?.state ?? 'running',
    ...(result?.reason !== undefined && { reason: result.reason }),
    exitCode: result?.exitCode ?? 0,
    message: result?.message ?? attendance.figures ?? 'The run goes on without us.',
    ...(result?.step !== undefined && { step: result.step }),
    attempt: attempt.record.number,
    earlier: (attendance.earlier ?? []).flatMap(describeAttempt),
    followed: !attempt.fresh,
    ...(claim.reused && { reused: true as const }),
    machine: {
      name: attempt.record.instance,
      ...(zone !== undefined && { zone }),
      type,
      spot,
      soldOut,
      image: run.image.name,
      imageId: run.image.id,
    },
    ...(run.code && { code: run.code }),
    params: run.params,
    secrets: result?.secrets ?? [],
    inputs: result?.inputs ?? listInputs(run.inputs),
    ...(result?.checkpoint && { checkpoint: result.checkpoint }),
    ...(result?.tasks && { tasks: result.tasks }),
    steps: result?.steps ?? [],
    ...priceRun(run, attendance),
    phases: [...attendance.before, ...(result?.phases ?? []), ...attendance.after],
    outputs: result?.outputs ?? [],
    ...(result?.manifest && { manifest: `gs://${place.bucket}/${result.manifest.object}` }),
    ...(result && { result: `${folder}/result.json` }),
    ...describeDeparture(claim, departure, place.project),
  }
}

function priceRun(run: RunRecord, attendance: Attendance): Pick<Outcome, 'price'> {
  const { attempt, result, earlier = [], machine, departure } = attendance
  if (result === undefined) return { price: priceAtMost(run) }
  const hires = earlier.flatMap((each) => (each.result ? describeHire(run, each.result) : []))
  const around = [...attendance.before, ...attendance.after]
  const last = describeHire(run, result, machine, around).map((hire) => ({
    ...hire,
    // Without the machine's word, its time is known to the one who saw it come and go.
    ...(hire.seconds === undefined &&
      attempt.fresh &&
      departure?.gone && { seconds: (departure.verified - attempt.created) / 1000 }),
  }))
  const price = priceHires([...hires, ...last])
  return price === undefined ? {} : { price }
}

/** The machine of an attempt that is over, where there was one. */
function describeHire(
  run: RunRecord,
  result: ResultRecord,
  machine: Attendance['machine'] = undefined,
  around: readonly Phase[] = [],
): readonly Hire[] {
  const [anyZone = ''] = run.machine.zones
  // Of the machines of a job, what they did is known, and not where, nor how long they waited.
  if (result.tasks) return [{ ...run.machine, zone: anyZone, seconds: result.tasks.seconds }]
  const zone = result.zone ?? machine?.zone
  if (zone === undefined) return []
  const { type, spot } = result.placement ?? machine?.placement ?? run.machine
  const phases = [...around, ...result.phases]
  const seconds = result.by === 'machine' ? phases.reduce((sum, phase) => sum + phase.seconds, 0) : undefined
  return [{ type, spot, zone, seconds }]
}

function describeAttempt({ record, result }: Attempt): readonly EarlierAttempt[] {
  if (result === undefined) return []
  const { state, exitCode, message, zone } = result
  return [{ attempt: record.number, state, exitCode, message, ...(zone !== undefined && { zone }) }]
}

function describeDeparture(
  { run }: Claim,
  departure: Attendance['departure'],
  project: string,
): Pick<Outcome, 'machineGone' | 'leftover'> {
  if (departure === undefined) return {}
  if (departure.gone) return { machineGone: new Date(departure.verified).toISOString() }
  const { name, zone } = departure.machine
  const link = linkMachine(run, departure.machine, project)
  return { leftover: { name, zone, why: departure.why, link } }
}

function linkMachine(run: RunRecord, { name, zone }: Machine, project: string): string {
  if (run.engine === 'cloud-batch') return `https://console.cloud.google.com/batch/jobs?project=${project}`
  return `https://console.cloud.google.com/compute/instancesDetail/zones/${zone}/instances/${name}?project=${project}`
}
