import { CloudError } from '../errors.ts'
import type { Log } from '../host.ts'
import { formatDuration } from '../units.ts'
import type { Clock, Compute, Instance } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { describeSoldOut, listChoices, listZones, nameChoice } from './choices.ts'
import { insertOnce } from './insert.ts'
import { type Place, specifyInstance } from './instance-spec.ts'
import type { Choice, Placement, RunRecord, SoldOut } from './records.ts'
import { roundAt, startOfRound } from './rounds.ts'

/** The machine of an attempt: where it is, by the name that follows from the run. */
export interface Machine {
  readonly name: string
  readonly zone: string
  /** When it was asked for: milliseconds since the epoch, on Google's clock. */
  readonly asked?: number
  /** How it was had, where that is known. */
  readonly placement?: Placement
}

/** Finds the attempt's machine in the zones that it may be in. */
export async function findMachine(
  compute: Compute,
  run: RunRecord,
  attempt: Attempt,
): Promise<Machine | undefined> {
  const name = attempt.record.instance
  for (const zone of listZones(run)) {
    const instance = await compute.instance(zone, name)
    if (instance !== undefined && isOurs(instance, run)) return { name, zone, ...readLabels(instance, run) }
  }
  return undefined
}

function readLabels({ labels }: Instance, run: RunRecord): Pick<Machine, 'asked' | 'placement'> {
  const { 'mayfly-deadline': deadline, 'mayfly-type': type, 'mayfly-spot': spot } = labels
  return {
    ...(deadline !== undefined && { asked: (Number(deadline) - run.timeoutSeconds) * 1000 }),
    ...(type !== undefined && { placement: { type, spot: spot === 'true', soldOut: [] } }),
  }
}

/** Whether an instance carries the labels of this run. */
export function isOurs(instance: Instance, run: RunRecord): boolean {
  return instance.labels.tool === 'mayfly' && instance.labels['mayfly-run'] === run.id
}

/** What a machine is made with. */
export interface Foundry {
  readonly compute: Compute
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** Aborts: nothing more is asked for. */
  readonly signal: AbortSignal
  readonly bucket: string
  /** The startup script. */
  readonly bootstrap: string
}

/** Seconds, for a plan that does not say it. */
const usualPatience = 600

/**
 * Creates the attempt's machine: asks for each choice in each of its zones until one has room, and again, in rounds that
 * come less and less often, until patience is over. Undefined when the attempt is over meanwhile (`isOver`, or the
 * signal). Throws the CloudError that ends it: a stockout that tells of all that was tried; any other refusal at once;
 * `unknown` when no answer tells whether the machine exists, in which case no other place has been tried since.
 */
export async function createMachine(
  foundry: Foundry,
  run: RunRecord,
  path: string,
  attempt: Attempt,
  isOver: () => Promise<boolean>,
): Promise<Machine | undefined> {
  const { clock, compute, log, signal } = foundry
  const patienceMs = (run.machine.patienceSeconds ?? usualPatience) * 1000
  const opened = clock.now()
  const ageThen = attempt.fresh ? 0 : Math.max(0, opened - attempt.created)
  const age = () => ageThen + clock.now() - opened
  const soldOut: SoldOut[] = []
  const search = { foundry, run, path, attempt, soldOut, now: () => attempt.created + age() }
  for (let round = roundAt(age()); ; ) {
    const tried = await tryRound(search, round)
    if (!(tried instanceof CloudError)) return tried
    round = Math.max(round + 1, roundAt(age()))
    const pause = Math.max(0, startOfRound(round) - age())
    if (age() + pause > patienceMs) throw refuse(soldOut, patienceMs, tried)
    log.warn(`${describeSoldOut(soldOut)}. Asking again in ${formatDuration(pause / 1000)}.`)
    await clock.sleep(pause, signal)
    if (signal.aborted || (await isOver())) return undefined
    // Another who asks for the same run may have been luckier.
    const found = await findMachine(compute, run, attempt)
    if (found !== undefined) return found
  }
}

interface Search {
  readonly foundry: Foundry
  readonly run: RunRecord
  readonly path: string
  readonly attempt: Attempt
  readonly soldOut: SoldOut[]
  /** Google's time: the attempt's own, plus what has passed here since. */
  readonly now: () => number
}

/** Asks for every choice once. Gives the last refusal when all is sold out. */
async function tryRound(search: Search, round: number): Promise<Machine | CloudError | undefined> {
  let refusal: CloudError | undefined
  for (const choice of listChoices(search.run)) {
    const tried = await tryChoice(search, choice, round)
    if (!(tried instanceof CloudError)) return tried
    refusal = tried
  }
  return refusal
}

async function tryChoice(
  search: Search,
  { zones, type, spot }: Choice,
  round: number,
): Promise<Machine | CloudError | undefined> {
  const { foundry, run, path, attempt, soldOut } = search
  let untried: readonly string[] = zones
  let refusal: CloudError | undefined
  while (untried.length > 0) {
    if (foundry.signal.aborted) return undefined
    const zone = chooseZone(untried, refusal)
    untried = untried.filter((other) => other !== zone)
    const place: Place = { zone, type, spot, round, soldOut: listOnce(soldOut) }
    const asked = search.now()
    const spec = specifyInstance(foundry, run, path, attempt.record, place, asked)
    const inserted = await insertOnce(foundry, spec, (instance) => isOurs(instance, run))
    if (!(inserted instanceof CloudError))
      return { name: spec.name, zone, asked, placement: { type, spot, soldOut: listOnce(soldOut) } }
    refusal = inserted
    soldOut.push({ type, zone, spot })
    const next = untried.length > 0 ? ` Trying ${chooseZone(untried, refusal)}.` : ''
    if (round === 1) foundry.log.warn(`${nameChoice({ type, spot })} is sold out in ${zone}.${next}`)
  }
  return refusal
}

/** Google's error names zones that have room; the first of ours among them is next. */
function chooseZone(untried: readonly string[], refusal: CloudError | undefined): string {
  const suggested = untried.find((zone) => refusal?.zonesAvailable.includes(zone))
  return suggested ?? (untried[0] as string)
}

function listOnce(soldOut: readonly SoldOut[]): SoldOut[] {
  const unique = new Map(soldOut.map((each) => [`${each.zone} ${nameChoice(each)}`, each]))
  return [...unique.values()]
}

function refuse(soldOut: readonly SoldOut[], patienceMs: number, cause: CloudError): CloudError {
  const long = patienceMs === 0 ? '' : ` for ${formatDuration(patienceMs / 1000)}`
  const advice = 'Name more zones or machine types, ask later, or wait longer with machine.patience.'
  return new CloudError('stockout', cause.method, `no room${long}: ${describeSoldOut(soldOut)}. ${advice}`, {
    cause,
    zonesAvailable: cause.zonesAvailable,
  })
}
