import type { RunRecord } from '../core/protocol/records.ts'
import { fetchCode } from './code.ts'
import type { Containers } from './containers.ts'
import { freeReserve, isFull, isNoSpace, reserveSpace } from './disk.ts'
import { findEngine, listEngines } from './engine.ts'
import { fetchInputs } from './inputs.ts'
import { type Job, measure } from './job.ts'
import { Keeper } from './keeper.ts'
import { storeOutputs } from './outputs.ts'
import { makePlaces } from './places.ts'
import { pullImage } from './pulls.ts'
import { restoreCheckpoint } from './restore.ts'
import { writeScripts } from './scripts.ts'
import { isSealed } from './seal.ts'
import { readSecrets } from './secrets.ts'
import { runSteps } from './steps.ts'
import {
  crashed,
  diskFullAdvice,
  noEngine,
  outputsFailed,
  pullFailed,
  stopped,
  succeeded,
  type Verdict,
  WorkError,
} from './verdicts.ts'

/** Does what the plan says, from the code to the outputs. Never throws: whatever happens has a verdict. */
export async function work(job: Job): Promise<Verdict> {
  const verdict = await run(job).catch((error) => judge(job, error))
  await freeReserve(job.places.reserve)
  if (!job.facts.began) return verdict
  return store(job, verdict).catch((error) => judge(job, error))
}

/** Stores the outputs that are due after this verdict, which may change it. */
async function store(job: Job, verdict: Verdict): Promise<Verdict> {
  const { run, facts, deadline } = job
  const failed = verdict.state !== 'succeeded'
  const due = run.outputs.filter(({ when }) => when === 'always' || (when === 'failure') === failed)
  if (due.length === 0) return verdict
  // Another attempt may have begun by now, and must not find its outputs overwritten.
  if (await isSealed(job.objects, job.self)) deadline.abandon('sealed')
  const problems = deadline.abandoned ? [] : await measure(facts, 'outputs', () => storeOutputs(job, due))
  if (failed) return { ...verdict, message: [verdict.message, ...problems].join('\n') }
  if (deadline.abandoned) return stopped(deadline.abandoned, run, 'outputs')
  return problems.length > 0 ? outputsFailed(problems) : verdict
}

async function run(job: Job): Promise<Verdict> {
  const { self, run, facts, places, deadline } = job
  const { code, checkpoint, inputs } = run
  await makePlaces(places)
  if (hasSecrets(run)) await measure(facts, 'secrets', () => readSecrets(job))
  if (code) await measure(facts, 'code', () => fetchCode(job, code))
  if (inputs?.length) await measure(facts, 'inputs', () => fetchInputs(job, inputs))
  const restored =
    checkpoint && self.attempt > 1
      ? await measure(facts, 'restore', () => restoreCheckpoint(job, checkpoint))
      : undefined
  await writeScripts(places.steps, run.steps)
  const containers = await prepareContainers(job)
  await reserveSpace(places.reserve, places.work)
  await using keeper = checkpoint && new Keeper(job, checkpoint, restored)
  const failure = await runSteps(job, containers, keeper)
  if (failure) return failure
  const unfinished = facts.steps.some(({ state }) => state !== 'succeeded')
  return unfinished && deadline.reason ? stopped(deadline.reason, run, facts.during) : succeeded(run)
}

function hasSecrets(run: RunRecord): boolean {
  return [run, ...run.steps].some(({ secrets }) => secrets !== undefined)
}

async function prepareContainers(job: Job): Promise<Containers | undefined> {
  const { run, facts, clock, deadline, log } = job
  const first = run.steps.find(({ container }) => container !== undefined)
  if (first === undefined) return undefined
  return measure(facts, 'pull', async () => {
    const engines = listEngines(process.env)
    const engine = await findEngine(engines, clock, deadline.stop)
    if (engine === undefined) throw new WorkError(noEngine(first, engines))
    const digests = new Map<string, string>()
    for (const image of new Set(run.steps.flatMap(({ container }) => container ?? []))) {
      await log.write({ note: `Pulling ${image}` })
      const digest = await pullImage(engine, image, clock, deadline.stop).catch((error: Error) => {
        throw new WorkError(pullFailed(image, error.message), { cause: error })
      })
      digests.set(image, digest)
      await log.write({ note: `Pulled ${image}, ${digest}` })
    }
    return { engine, digests }
  })
}

async function judge({ deadline, run, facts, places }: Job, error: unknown): Promise<Verdict> {
  if (deadline.reason) return stopped(deadline.reason, run, facts.during)
  const verdict = error instanceof WorkError ? error.verdict : crashed(error)
  const full = isNoSpace(error) || (await isFull(places.work).catch(() => false))
  return full ? { ...verdict, message: `${verdict.message} ${diskFullAdvice}` } : verdict
}
