import { randomUUID } from 'node:crypto'
import { runObjects } from '../core/depot.ts'
import { exitCodes, MayflyError } from '../core/errors.ts'
import { readRun } from '../core/protocol/claim.ts'
import { enterFence } from '../core/protocol/fence.ts'
import { LogWriter } from '../core/protocol/logs.ts'
import { persist } from '../core/protocol/persist.ts'
import type { ResultRecord, RunRecord } from '../core/protocol/records.ts'
import { concludeAttempt } from '../core/protocol/result.ts'
import type { Objects } from '../core/world.ts'
import { monotonicClock as clock, startWatch } from './clock.ts'
import { say } from './console.ts'
import { type Deadline, planDeadline } from './deadline.ts'
import type { Google } from './google.ts'
import { type Facts, type Job, openFacts } from './job.ts'
import { MaskedLog } from './masked-log.ts'
import type { Self } from './metadata.ts'
import { namePlaces } from './places.ts'
import { watchPreemption } from './preemption.ts'
import { watchSeal } from './seal.ts'
import { crashed, rebooted, type Verdict } from './verdicts.ts'
import { work } from './work.ts'

/** How long a machine tries to begin; the controller waits as long for the fence. */
const beginMs = 10 * 60_000

/** The time for the first word with the depot. */
export function beginning() {
  return { clock, signal: AbortSignal.timeout(beginMs) }
}

/** Does an attempt from the fence to the result. Throws when the work cannot begin. */
export async function performAttempt(
  self: Self,
  google: Google,
  root: string,
  deadline: Deadline,
): Promise<void> {
  const run = await persist(() => readPlan(google.bucket(self.bucket), self), beginning())
  await carryOut(self, run, google, root, deadline)
}

/**
 * Carries out a plan, from the fence to the result, which it gives; undefined when another has the attempt. `refuse` is
 * asked once the fence is entered: what it gives ends the attempt before its work.
 */
export async function carryOut(
  self: Self,
  run: RunRecord,
  google: Google,
  root: string,
  deadline: Deadline,
  refuse?: () => Promise<Verdict | undefined>,
): Promise<Carried | undefined> {
  const objects = google.bucket(self.bucket)
  const begin = beginning()
  const entry = await persist(() => enterFence(objects, self.run, self.attempt, self), begin)
  if (entry.is === 'theirs') {
    const holder = entry.by.by === 'machine' ? `machine ${entry.by.instanceId}` : 'the controller'
    say(`nothing is run: ${holder} has attempt ${self.attempt} of ${self.run}`)
    return undefined
  }
  // Google's time at the entry, and what has passed here since.
  const since = startWatch()
  const finish = async (verdict: Verdict, facts: Facts): Promise<Carried> => {
    const result = await conclude(objects, self, verdict, facts, deadline)
    report(result)
    return { result, endedMs: ('created' in entry ? entry.created : Date.now()) + since() * 1000 }
  }
  if (entry.is === 'rebooted') return finish(rebooted(), { ...openFacts(), began: true })
  const refusal = refuse && (await persist(refuse, begin))
  if (refusal) return finish(refusal, openFacts())
  // A task's time began with its program.
  const end = self.deadline ?? entry.created / 1000 + run.timeoutSeconds - process.uptime()
  deadline.start(planDeadline(run.timeoutSeconds, end, entry.created))
  const facts = openFacts()
  const written = new LogWriter(objects, self.run, self.attempt, clock, deadline.end)
  const log = new MaskedLog(written)
  const verdict = await workUnderWatch({
    self,
    run,
    log,
    clock,
    deadline,
    objects,
    facts,
    openBucket: google.bucket,
    google,
    secrets: new Map(),
    places: namePlaces(root),
  })
  await log.end()
  await written.close()
  if (written.failure !== undefined) say(`the end of the log is lost: ${written.failure}`)
  // Whoever stops all of a job has its machines deleted, which looks like a preemption from here.
  const stop = verdict.state === 'preempted' && refuse ? await refuse().catch(() => undefined) : undefined
  return finish(stop ?? { ...verdict, message: log.clean(verdict.message) }, facts)
}

/** What an attempt came to, and when: milliseconds since the epoch on Google's clock, or near it. */
interface Carried {
  readonly result: ResultRecord
  readonly endedMs: number
}

async function readPlan(objects: Objects, { run, bucket }: Self): Promise<RunRecord> {
  const plan = await readRun(objects, run)
  if (plan) return plan
  throw new MayflyError(`gs://${bucket}/${runObjects.run(run)} does not exist.`, exitCodes.unknown)
}

/** Works while it is watched whether that is still wanted; a failure of the agent's own does not pass in silence. */
async function workUnderWatch(job: Job): Promise<Verdict> {
  const { deadline } = job
  const over = new AbortController()
  void watchPreemption(clock, over.signal).then((taken) => taken && deadline.abandon('preempted'))
  void watchSeal(job.objects, job.self, clock, over.signal).then(
    (sealed) => sealed && deadline.abandon('sealed'),
  )
  const crash = new Promise<Verdict>((resolve) => {
    process.on('uncaughtException', (error) => {
      console.error(error)
      deadline.abandon('crashed')
      // Time for the step to be ended; whether the work still knows how it ended is anyone's guess.
      setTimeout(() => resolve(crashed(error)), crashMs)
    })
  })
  try {
    return await Promise.race([work(job), crash])
  } finally {
    over.abort()
  }
}

const crashMs = 7000

/** Writes the result, unless someone else has. */
async function conclude(
  objects: Objects,
  self: Self,
  verdict: Verdict,
  { during: _, ...facts }: Facts,
  deadline: Deadline,
): Promise<ResultRecord> {
  const { run, attempt, instanceId, zone, placement } = self
  const result: ResultRecord = {
    schema: 1,
    nonce: randomUUID(),
    by: 'machine',
    ...verdict,
    ...facts,
    instanceId,
    zone,
    ...(placement && { placement }),
  }
  return persist(() => concludeAttempt(objects, run, attempt, result), { clock, signal: deadline.end })
}

/** The console's word is a hint to people only: the result is what the depot holds. */
function report({ by, state, exitCode, message }: ResultRecord): void {
  const whose = by === 'machine' ? '' : ', as the controller has decided'
  say(`${state}, exit code ${exitCode}${whose}: ${message}`)
}
