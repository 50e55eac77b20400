import { invalid } from './errors.ts'
import type { Link } from './links.ts'
import type { BeginOptions, Operation } from './operations.ts'
import type { Records } from './records.ts'

/** What was asked under an id. */
interface Request {
  readonly id: string
  readonly operation: Link
}

/** The request ids of a project: who repeats one is answered with the operation of then. */
export interface Requests {
  /** `begin` is called when the id is new or missing; what it throws is not remembered. Throws 400 for what is no UUID. */
  once(project: string, requestId: string | null, begin: (options: BeginOptions) => Operation): Operation
  /** Forgets the ids whose operations are forgotten. */
  forget(): void
}

export function openRequests(records: Records): Requests {
  const collection = (project: string) => `projects/${project}/requests`
  return {
    once(project, requestId, begin) {
      if (!requestId) return begin({})
      checkRequestId(requestId)
      const link = `${collection(project)}/${requestId}`
      const earlier = records.read<Request>(link)
      const known = earlier && records.read<Operation>(earlier.operation)
      if (known) return known
      const operation = begin({ requestId })
      const request: Request = { id: requestId, operation: operation.selfLink }
      records.write(link, request)
      return operation
    },
    forget() {
      for (const project of records.folders('projects')) {
        for (const { id, operation } of records.list<Request>(collection(project)))
          if (!records.read(operation)) records.remove(`${collection(project)}/${id}`)
      }
    },
  }
}

/** https://google.aip.dev/155 */
function checkRequestId(requestId: string): void {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(requestId) && /[1-9a-f]/i.test(requestId)) return
  throw invalid('requestId', requestId, 'Must be a valid UUID other than the zero UUID.')
}
