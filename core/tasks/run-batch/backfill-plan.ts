import type { Batch, Notify } from '../../batch/batch.ts'
import { runPath } from '../../depot.ts'
import { InputError } from '../../errors.ts'
import { deriveRunId } from '../../names.ts'
import type { Destination } from '../../notify/destination.ts'
import type { RunRecord } from '../../protocol/records.ts'
import type { Session } from '../../task.ts'
import { fillTemplate } from '../../template.ts'
import { readDays } from './days.ts'
import { readBatchFile, type Wishes } from './facts.ts'
import type { Telling } from './news.ts'
import type { Outcome } from './outcome.ts'
import { deriveWishBase, nameParams } from './plan.ts'

/** What is asked for. */
export interface Ask extends Wishes {
  readonly backfill: string | undefined
  readonly githubRecord: string | undefined
  readonly backfillParallelism: number
  readonly wait: boolean
  readonly retry: boolean
}

/** Plans and runs one of the days, as run-batch does any run. */
export interface Once<Inputs, Plan> {
  plan(inputs: Inputs, session: Session): Promise<Plan>
  run(plan: Plan, session: Session): Promise<Outcome>
}

export interface OncePlan extends Omit<Telling, 'bucket'> {
  readonly run: RunRecord
}

/** Which runs there are to be. Each is planned when its turn comes: what it reads may have changed until then. */
export interface BackfillPlan<Inputs extends Ask = Ask> {
  readonly project: string
  readonly bucket: string
  readonly batch: string
  readonly param: string
  readonly parallelism: number
  readonly days: readonly PlannedDay[]
  /** The plan of the first day, to be seen before anything begins. */
  readonly first: RunRecord
  /** With all that it may hold; a dry run does not print it. */
  readonly ask: Inputs & { toJSON(): undefined }
  readonly slack?: Destination
  readonly notify?: Notify
}

export interface PlannedDay {
  readonly day: string
  readonly key: string
  /** `runs/<batch>/<id>` */
  readonly run: string
}

/** Plans a run for each day. Throws an InputError before anything is asked for. */
export async function planBackfill<Inputs extends Ask, Plan extends OncePlan>(
  ask: Inputs,
  range: string,
  once: Once<Inputs, Plan>,
  session: Session,
): Promise<BackfillPlan<Inputs>> {
  const { spell, world } = session
  if (!ask.wait) {
    const message =
      'cannot stand beside a wait of false: how many days run at a time is kept by waiting for them.'
    throw new InputError([{ where: spell('backfill'), message }])
  }
  if (ask.githubRecord !== undefined) {
    const message = `shows one run, and cannot stand beside ${spell('backfill')}, which is many.`
    throw new InputError([{ where: spell('github_record'), message }])
  }
  const file = await readBatchFile(ask.batch, session)
  const { name, params, key } = file.batch
  const days = readDays(range, params, { now: world.clock.now(), spell })
  // An empty one is none, as everywhere.
  if (ask.params[days.param]) {
    const message = `"${days.param}" stands for the days already: give it in one of the two.`
    throw new InputError([{ where: spell('backfill'), message }])
  }
  const template = ask.key ?? key
  if (template !== undefined && !namesDay(template, days.param)) {
    const message = `it names the same run for every day: expected a key with the day in it, such as ${template}-\${{ params.${days.param} }}.`
    throw new InputError([{ where: ask.key === undefined ? file.locate(['key']) : spell('key'), message }])
  }
  const [firstDay = ''] = days.days
  const sample = await once.plan(atDay(ask, days.param, firstDay, template), session)
  const nameKey = (day: string) => {
    const values = { ...sample.run.params, [days.param]: day }
    return template === undefined
      ? deriveDayKey(file.batch, values, sample.run.code?.digest, day)
      : fillTemplate(template, { ...nameParams(values), 'run.batch': name })
  }
  const first =
    template === undefined
      ? await once.plan(atDay(ask, days.param, firstDay, nameKey(firstDay)), session)
      : sample
  return {
    project: ask.project,
    bucket: ask.bucket,
    batch: name,
    param: days.param,
    parallelism: ask.backfillParallelism,
    days: days.days.map((day) => {
      const key = nameKey(day)
      return { day, key, run: runPath(name, deriveRunId(key)) }
    }),
    first: first.run,
    // What `today` means is decided here, for all days.
    ask: { ...ask, params: sample.run.params, toJSON: () => undefined },
    ...(first.slack && { slack: first.slack }),
    ...(first.notify && { notify: first.notify }),
  }
}

function namesDay(template: string, param: string): boolean {
  return new RegExp(`\\$\\{\\{\\s*params\\.${param}\\s*\\}\\}`).test(template)
}

/** The same for one day. */
export function atDay<Inputs extends Ask>(
  ask: Inputs,
  param: string,
  day: string,
  key: string | undefined,
): Inputs {
  return { ...ask, params: { ...ask.params, [param]: day }, key }
}

/** Whoever asks for the same day of the same batch with the same code finds it, from a terminal too. */
function deriveDayKey(
  { notify: _, ...batch }: Batch,
  params: Readonly<Record<string, string>>,
  digest: string | undefined,
  day: string,
): string {
  return `backfill/${batch.name}/${day}/${deriveWishBase([batch, params, digest])}`
}
