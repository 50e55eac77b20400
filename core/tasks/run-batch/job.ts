import { compileJob } from '../../cloud-batch/compile.ts'
import { runPath } from '../../depot.ts'
import { InputError } from '../../errors.ts'
import { nameInstance } from '../../names.ts'
import type { RunRecord } from '../../protocol/records.ts'
import { findRun } from '../../runs.ts'
import type { Session } from '../../task.ts'
import type { JobSpec } from '../../world.ts'
import type { Bench } from './attend.ts'
import type { JobBench } from './attend-job.ts'
import type { BatchPlan } from './task.ts'

/** The job of a run's first attempt, if it were opened now; undefined for a run on one machine. */
export async function planJob(
  run: RunRecord,
  bucket: string,
  { world }: Session,
): Promise<JobSpec | undefined> {
  if (run.engine !== 'cloud-batch') return undefined
  const { bootstrap } = await world.agent()
  const attempt = { number: 1, instance: nameInstance(run.batch, run.id, 1) }
  return compileJob({ bucket, bootstrap }, run, runPath(run.batch, run.id), attempt, world.clock.now())
}

/** What attending to a job needs beside what any run does; nothing for a run on one machine. */
export async function openJobBench(
  bench: Bench,
  run: RunRecord,
  { project, rows }: Pick<BatchPlan, 'project' | 'rows'>,
  { world }: Session,
): Promise<JobBench | undefined> {
  if (run.engine !== 'cloud-batch') return undefined
  const [jobs, fleet] = await Promise.all([world.batchJobs(project), world.fleet(project)])
  return { ...bench, jobs, fleet, ...(rows && { rows: rows.read() }) }
}

/** The plan of a run whose tasks are to be run again. Throws an InputError for one that has none. */
export async function readFailedRun(named: string, bucket: string, session: Session): Promise<RunRecord> {
  const { run, path } = await findRun(
    await session.world.objects(bucket),
    named,
    'retry_failed',
    session.spell,
  )
  if (run.engine === 'cloud-batch') return run
  const message = `${path} ran on one machine and has no tasks. Ask for it again with its key and ${session.spell('retry')}.`
  throw new InputError([{ where: session.spell('retry_failed'), message }])
}
