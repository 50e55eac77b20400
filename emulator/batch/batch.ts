import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Clock, realClock } from '../compute/clock.ts'
import type { Compute } from '../compute/compute.ts'
import { openRecords } from '../compute/records.ts'
import { timestamp } from '../compute/state.ts'
import type { Service } from '../http.ts'
import { agentRoutes } from './agent-routes.ts'
import { alreadyExists, notFound } from './errors.ts'
import { isOver, type Job, type JobBody } from './job.ts'
import { checkJob } from './job-body.ts'
import { batchRoutes } from './routes.ts'
import { openRun, type Run } from './run.ts'
import { openTasks, type Tasks } from './tasks.ts'

export interface BatchOptions {
  /** Default: the real clock. */
  readonly clock?: Clock
  /** Between two tries to have a VM that was refused. Default 1000. */
  readonly retryMs?: number
  /** A VM whose agent says nothing for so long is given up. Default: ten minutes. */
  readonly silenceMs?: number
}

/** Where a job is, in the words of its URL. */
interface Place {
  readonly project: string
  readonly location: string
}

/** Google Cloud Batch. */
export interface Batch extends Service {
  /** Whether a job waits or runs. */
  isBusy(): boolean
}

/** What the routes call. */
export interface Jobs {
  create(place: Place, id: string | null, requestId: string | null, body: JobBody): Job
  /** Throws 404. */
  get(name: string): Job
  list(place: Place): readonly Job[]
  tasks(name: string): Tasks
  /** Begins the end of a job; resolves when it has come. */
  end(name: string, how: 'CANCELLED' | 'deleted'): Promise<void>
  /** The job that a VM works for; undefined when it is over. */
  runOf(uid: string): Run | undefined
}

/** A request id is remembered for so long: "at least 60 minutes". */
const requestMs = 60 * 60 * 1000

/** Opens the Batch whose state is in `stateDir`, on the machines of a Compute Engine; goes on with the jobs it finds. */
export function openBatch(
  stateDir: string,
  cloud: string,
  compute: Omit<Compute, 'routes'>,
  options: BatchOptions = {},
): Batch {
  const { clock = realClock, retryMs = 1000, silenceMs = 600_000 } = options
  const directory = join(stateDir, 'batch')
  const records = openRecords(directory)
  const runs = new Map<string, Run>()

  const write = (job: Job) => records.write(job.name, job)
  const opened = new Map<string, Tasks>()
  function openTasksOf({ name, local }: Job): Tasks {
    const tasks = opened.get(name) ?? openTasks(join(directory, `${name}.tasks`), local.taskCount)
    opened.set(name, tasks)
    return tasks
  }

  function begin(job: Job): Run {
    const tasks = openTasksOf(job)
    const run = openRun({ job, tasks, fleet: compute.fleet, clock, cloud, silenceMs, retryMs, write })
    runs.set(job.name, run)
    run.begin()
    return run
  }

  const jobs: Jobs = {
    create({ project, location }, id, requestId, body) {
      const parent = `projects/${project}/locations/${location}`
      const asked = requestId && `${parent}/requests/${requestId}`
      const earlier = asked ? records.read<{ readonly job: Job; readonly time: number }>(asked) : undefined
      // Also of a job that is gone by now: the second request is ignored.
      if (earlier && clock.now() - earlier.time < requestMs)
        return records.read<Job>(earlier.job.name) ?? earlier.job
      const size = checkJob(body, location)
      const short = id ?? `job-${randomUUID().slice(0, 8)}`
      const name = `${parent}/jobs/${short}`
      const now = timestamp(clock)
      const description = `Job state is set to QUEUED for job ${name}.`
      const job: Job = {
        ...body,
        name,
        uid: `${short.slice(0, 30)}-${randomUUID().slice(0, 13)}`,
        createTime: now,
        updateTime: now,
        status: {
          state: 'QUEUED',
          statusEvents: [{ type: 'STATUS_CHANGED', description, eventTime: now }],
          runDuration: '0s',
        },
        local: { project, location, ...size },
      }
      if (!records.create(name, job)) throw alreadyExists(name)
      if (asked) records.write(asked, { job, time: clock.now() })
      begin(job)
      return job
    },
    get(name) {
      const job = runs.get(name)?.job() ?? records.read<Job>(name)
      if (!job) throw notFound(name)
      return job
    },
    list({ project, location }) {
      const home = `projects/${project}/locations`
      const locations = location === '-' ? records.folders(home) : [location]
      return locations.flatMap((each) => records.list<Job>(`${home}/${each}/jobs`))
    },
    tasks: (name) => openTasksOf(jobs.get(name)),
    async end(name, how) {
      const run = runs.get(name)
      const job = jobs.get(name)
      if (run && !isOver(job.status.state)) await run.end(how)
      if (how !== 'deleted') return
      openTasksOf(job).remove()
      opened.delete(name)
      runs.delete(name)
      records.remove(name)
    },
    runOf: (uid) => [...runs.values()].find((run) => run.job().uid === uid),
  }

  for (const project of records.folders('projects'))
    for (const location of records.folders(`projects/${project}/locations`))
      for (const job of jobs.list({ project, location })) if (!isOver(job.status.state)) begin(job)

  return {
    routes: [...batchRoutes(jobs, clock, compute.isAllowed), ...agentRoutes(jobs)],
    isBusy: () => [...runs.values()].some((run) => !isOver(run.job().status.state)),
    async [Symbol.asyncDispose]() {
      for (const run of runs.values()) run.suspend()
    },
  }
}
