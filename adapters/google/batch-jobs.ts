import { CloudError } from '../../core/errors.ts'
import type { BatchJobs, JobRecord } from '../../core/world.ts'
import { attempt, ignoreAbsence } from './cloud-errors.ts'
import { readJson, type Transport } from './transport.ts'

/** A job in Google's JSON, as far as it is read. */
interface JobResource {
  /** `projects/p/locations/l/jobs/j` */
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly status?: {
    readonly state?: string
    readonly statusEvents?: readonly { readonly description?: string }[]
    readonly taskGroups?: Readonly<Record<string, { readonly counts?: Readonly<Record<string, string>> }>>
  }
}

interface JobList {
  readonly jobs?: readonly JobResource[]
  readonly nextPageToken?: string
}

export interface BatchOptions {
  /** Without a slash at the end, such as `https://batch.googleapis.com`. */
  readonly endpoint: string
  readonly transport: Transport
}

/**
 * Opens Google Cloud Batch in a project. Its JSON goes over our transport as it is: Google's client would bring a second
 * gax and check nothing, and the job has been checked against a schema. Nothing is asked of Google before the first call.
 */
export function openBatchJobs(project: string, { endpoint, transport }: BatchOptions): BatchJobs {
  const place = (location: string) => `${endpoint}/v1/projects/${project}/locations/${location}`
  const headers = { 'content-type': 'application/json' }
  const ask = <T>(method: string, about: string, act: () => Promise<T>) =>
    attempt({ method: `batch.jobs.${method}`, about: `${about} of project ${project}` }, act)

  return {
    create: ({ id, location, job, requestId }) =>
      ask('create', `job ${id} in ${location}`, async () => {
        const url = `${place(location)}/jobs?jobId=${id}&requestId=${requestId}`
        await transport.send({ http: 'POST', url, headers, body: JSON.stringify(job) })
      }),
    async job(location, id) {
      const get = () => transport.send({ http: 'GET', url: `${place(location)}/jobs/${id}` })
      const answer = await ask('get', `job ${id} in ${location}`, get).catch(ignoreAbsence)
      return answer && toRecord(readJson(answer))
    },
    async cancel(location, id) {
      const url = `${place(location)}/jobs/${id}:cancel`
      // Twice is once: it needs no request id.
      const cancel = () => transport.send({ http: 'POST', url, headers, body: '{}', repeatable: true })
      // A job that is over cannot be cancelled.
      await ask('cancel', `job ${id} in ${location}`, cancel).catch((error) => {
        if (!(error instanceof CloudError) || error.failure !== 'invalid') ignoreAbsence(error)
      })
    },
    list: (label, value) =>
      ask('list', 'jobs', async () => {
        const jobs: JobRecord[] = []
        let token = ''
        do {
          const query = new URLSearchParams({
            filter: `labels.${label}=${value}`,
            ...(token && { pageToken: token }),
          })
          const url = `${place('-')}/jobs?${query}`
          const page = readJson<JobList>(await transport.send({ http: 'GET', url }))
          jobs.push(...(page.jobs ?? []).map(toRecord))
          token = page.nextPageToken ?? ''
        } while (token !== '')
        return jobs
      }),
  }
}

function toRecord({ name, labels = {}, status = {} }: JobResource): JobRecord {
  const [, , , location = '', , id = ''] = name.split('/')
  const { state = '', statusEvents = [], taskGroups = {} } = status
  const counts = Object.values(taskGroups)[0]?.counts ?? {}
  return {
    id,
    location,
    state,
    labels,
    counts: Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, Number(count)])),
    events: statusEvents.map(({ description = '' }) => description),
  }
}
