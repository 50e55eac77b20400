import type { Call, Reply, Route } from '../http.ts'
import { type Api, method, reply } from './api.ts'
import { notFound } from './errors.ts'
import type { Operation } from './operations.ts'
import { replyList } from './pages.ts'

/** "No more than 2 minutes", says the reference of zoneOperations.wait. */
const waitMs = 120_000

/** Operations of zones, and of what is global. */
export function operationRoutes({ state: { records, operations } }: Api): Route[] {
  function get(scope: string, name: string): Operation {
    const operation = records.find<Operation>(`${scope}/operations`, name)
    if (!operation) throw notFound(`${scope}/operations/${name}`)
    return operation
  }

  const list = (call: Call, scope: string): Reply => {
    const collection = `${scope}/operations`
    return replyList(call, 'operation', collection, records.list<Operation>(collection))
  }

  const ofZone = ({ params }: Call<'project' | 'zone'>) => `projects/${params.project}/zones/${params.zone}`
  const ofProject = ({ params }: Call<'project'>) => `projects/${params.project}/global`

  return [
    method('zoneOperations.list', 'GET', '/zones/{zone}/operations', (call) => list(call, ofZone(call))),
    method('zoneOperations.get', 'GET', '/zones/{zone}/operations/{operation}', (call) => {
      return reply(call, get(ofZone(call), call.params.operation))
    }),
    method('zoneOperations.wait', 'POST', '/zones/{zone}/operations/{operation}/wait', async (call) => {
      return reply(call, await operations.wait(get(ofZone(call), call.params.operation), waitMs))
    }),
    method('globalOperations.list', 'GET', '/global/operations', (call) => list(call, ofProject(call))),
    method('globalOperations.get', 'GET', '/global/operations/{operation}', (call) => {
      return reply(call, get(ofProject(call), call.params.operation))
    }),
    method('globalOperations.wait', 'POST', '/global/operations/{operation}/wait', async (call) => {
      return reply(call, await operations.wait(get(ofProject(call), call.params.operation), waitMs))
    }),
  ]
}
