import { randomUUID } from 'node:crypto'
import type { Clock } from '../compute/clock.ts'
import { readFilter } from '../compute/filter.ts'
import { timestamp } from '../compute/state.ts'
import { regions } from '../compute/zones.ts'
import type { Call, Reply, Route } from '../http.ts'
import { route } from '../routing.ts'
import type { Jobs } from './batch.ts'
import { spellEnums } from './enums.ts'
import { denied, invalid, notFound } from './errors.ts'
import { type Job, type JobBody, specOf } from './job.ts'
import type { Task } from './tasks.ts'

const location = '/v1/projects/{project}/locations/{location}'
const group = `${location}/jobs/{job}/taskGroups/{group}` as const

type PlaceCall = Call<'project' | 'location'>

/** Batch v1. https://cloud.google.com/batch/docs/reference/rest/v1 */
export function batchRoutes(jobs: Jobs, clock: Clock, isAllowed: (permission: string) => boolean): Route[] {
  const operations = new Map<string, { readonly metadata: object; response?: object }>()

  function check(call: PlaceCall, permission: string): void {
    const { project, location } = call.params
    const parent = `projects/${project}/locations/${location}`
    if (!(regions.includes(location) || location === '-') || !isAllowed(`batch.${permission}`))
      throw denied(`batch.${permission}`, parent)
  }

  function find(call: Call<'project' | 'location' | 'job'>, permission: string): Job {
    check(call, permission)
    const { project, location, job } = call.params
    return jobs.get(`projects/${project}/locations/${location}/jobs/${job}`)
  }

  function begin(call: PlaceCall, target: string, verb: string, type: string, work: Promise<void>): Reply {
    const { project, location } = call.params
    const name = `projects/${project}/locations/${location}/operations/operation-${randomUUID()}`
    const metadata = {
      '@type': 'type.googleapis.com/google.cloud.batch.v1.OperationMetadata',
      createTime: timestamp(clock),
      target,
      verb,
      requestedCancellation: false,
      apiVersion: 'v1',
    }
    const operation: { readonly metadata: object; response?: object } = { metadata }
    operations.set(name, operation)
    void work.then(() => {
      operation.response = { '@type': `type.googleapis.com/${type}` }
    })
    return { json: { name, metadata, done: false } }
  }

  return [
    route('batch.jobs.create', 'POST', `${location}/jobs`, async (call) => {
      check(call, 'jobs.create')
      if (call.params.location === '-') throw invalid('parent', 'a job is in one location')
      const id = call.query.get('jobId')
      if (id !== null && !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id))
        throw invalid('job_id', `"${id}" does not match "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"`)
      return {
        json: show(
          jobs,
          jobs.create(call.params, id, readRequestId(call), spellEnums(await call.json<JobBody>())),
        ),
      }
    }),
    route('batch.jobs.list', 'GET', `${location}/jobs`, (call) => {
      check(call, 'jobs.list')
      const keep = readFilter(call.query.get('filter'))
      const all = jobs.list(call.params).filter(keep)
      const { items, nextPageToken } = cut(call, all)
      return {
        json: { ...(items.length > 0 && { jobs: items.map((job) => show(jobs, job)) }), nextPageToken },
      }
    }),
    route('batch.jobs.get', 'GET', `${location}/jobs/{job}`, (call) => ({
      json: show(jobs, find(call, 'jobs.get')),
    })),
    route('batch.jobs.delete', 'DELETE', `${location}/jobs/{job}`, (call) => {
      const { name } = find(call, 'jobs.delete')
      return begin(call, name, 'delete', 'google.protobuf.Empty', jobs.end(name, 'deleted'))
    }),
    route('batch.jobs.cancel', 'POST', `${location}/jobs/{job}:cancel`, (call) => {
      const { name } = find(call, 'jobs.cancel')
      const type = 'google.cloud.batch.v1.CancelJobResponse'
      return begin(call, name, 'cancel', type, jobs.end(name, 'CANCELLED'))
    }),
    route('batch.tasks.list', 'GET', `${group}/tasks`, (call) => {
      const job = find(call, 'tasks.list')
      const keep = readTaskFilter(call.query.get('filter'))
      const all = [...jobs.tasks(job.name).list()].filter(keep)
      const { items, nextPageToken } = cut(call, all)
      return {
        json: { ...(items.length > 0 && { tasks: items.map((task) => showTask(job, task)) }), nextPageToken },
      }
    }),
    route('batch.tasks.get', 'GET', `${group}/tasks/{task}`, (call) => {
      const job = find(call, 'tasks.get')
      const task = jobs.tasks(job.name).get(Number(call.params.task))
      if (!task) throw notFound(`${job.name}/taskGroups/group0/tasks/${call.params.task}`)
      return { json: showTask(job, task) }
    }),
    route('batch.operations.get', 'GET', `${location}/operations/{operation}`, (call) => {
      const { project, location, operation } = call.params
      const name = `projects/${project}/locations/${location}/operations/${operation}`
      const found = operations.get(name)
      if (!found) throw notFound(name)
      return { json: { name, done: found.response !== undefined, ...found } }
    }),
  ]
}

/** https://google.aip.dev/155 */
function readRequestId({ query }: Call): string | null {
  const id = query.get('requestId')
  if (!id || (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) && /[1-9a-f]/i.test(id))) return id
  throw invalid('request_id', `"${id}" is no UUID`)
}

/** `State=RUNNING`, as the reference has it. */
function readTaskFilter(filter: string | null): (task: Task) => boolean {
  if (!filter) return () => true
  const [, state] = /^\s*state\s*[=:]\s*"?(\w+)"?\s*$/i.exec(filter) ?? []
  if (!state) throw invalid('filter', `"${filter}" is none such as State=RUNNING`)
  return (task) => task.state === state
}

/** A page; the token is the place of the first item of the next one. */
function cut<T>({ query }: Call, all: readonly T[]): { items: readonly T[]; nextPageToken?: string } {
  const size = Math.min(Number(query.get('pageSize') || 1000), 1000)
  const start = Number(query.get('pageToken') || 0)
  const items = all.slice(start, start + size)
  return start + size < all.length ? { items, nextPageToken: String(start + size) } : { items }
}

function show(jobs: Jobs, { local, ...job }: Job): object {
  const counts = Object.entries(jobs.tasks(job.name).counts()).map(([state, count]) => [state, String(count)])
  const { machineType = 'e2-standard-2', provisioningModel = 'STANDARD' } =
    job.allocationPolicy?.instances?.[0]?.policy ?? {}
  const instances = [{ machineType, provisioningModel, taskPack: '1' }]
  return {
    ...job,
    taskGroups: job.taskGroups?.map((group) => ({
      ...group,
      name: `${job.name}/taskGroups/group0`,
      taskSpec: specOf(job),
      taskCount: String(local.taskCount),
      parallelism: String(local.parallelism),
    })),
    status: {
      ...job.status,
      taskGroups: { group0: { counts: Object.fromEntries(counts), instances } },
    },
  }
}

function showTask({ name }: Job, { index, state, events }: Task): object {
  return {
    name: `${name}/taskGroups/group0/tasks/${index}`,
    status: { state, statusEvents: events },
  }
}
