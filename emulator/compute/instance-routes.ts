import type { Call, Reply, Route } from '../http.ts'
import { type Api, method, reply, replyOperation } from './api.ts'
import { notReady } from './errors.ts'
import type { Instance } from './instance.ts'
import type { InstanceBody } from './instance-body.ts'
import type { LabelsBody } from './labels.ts'
import { zoneLink } from './links.ts'
import type { MetadataBody } from './metadata-items.ts'
import { replyAggregatedList, replyList } from './pages.ts'

type InstanceCall = Call<'project' | 'zone' | 'instance'>

export function instanceRoutes(api: Api): Route[] {
  const { gate, instances, machines, state } = api

  /** The instance of a call, for who has the permission. */
  function get({ params: { project, zone, instance } }: InstanceCall, verb: string): Instance {
    gate.check(`compute.instances.${verb}`, `${zoneLink(project, zone)}/instances/${instance}`)
    return instances.get(project, zone, instance)
  }

  /** A verb without a body, whose work is all in the operation. */
  function begin(call: InstanceCall, verb: 'delete' | 'stop' | 'start' | 'reset'): Reply {
    return replyOperation(api, call, (options) => {
      const instance = get(call, verb)
      if (verb === 'reset' && instance.status !== 'RUNNING') throw notReady(instance.selfLink)
      return state.operations.begin(verb, instance, options)
    })
  }

  const path = '/zones/{zone}/instances/{instance}'
  return [
    method('instances.aggregatedList', 'GET', '/aggregated/instances', (call) => {
      const { project } = call.params
      gate.check('compute.instances.list', `projects/${project}`)
      return replyAggregatedList(call, gate, 'instance', project, (zone) => instances.list(project, zone))
    }),
    method('instances.list', 'GET', '/zones/{zone}/instances', (call) => {
      const { project, zone } = call.params
      gate.check('compute.instances.list', `projects/${project}`)
      return replyList(
        call,
        'instance',
        `${zoneLink(project, zone)}/instances`,
        instances.list(project, zone),
      )
    }),
    method('instances.insert', 'POST', '/zones/{zone}/instances', async (call) => {
      const { project, zone } = call.params
      const body = await call.json<InstanceBody>()
      gate.check('compute.instances.create', `${zoneLink(project, zone)}/instances/${body.name ?? ''}`)
      return replyOperation(api, call, (options) => instances.insert(project, zone, body, options))
    }),
    method('instances.get', 'GET', path, (call) => reply(call, get(call, 'get'))),
    method('instances.delete', 'DELETE', path, (call) => begin(call, 'delete')),
    method('instances.stop', 'POST', `${path}/stop`, (call) => begin(call, 'stop')),
    method('instances.start', 'POST', `${path}/start`, (call) => begin(call, 'start')),
    method('instances.reset', 'POST', `${path}/reset`, (call) => begin(call, 'reset')),
    method('instances.setLabels', 'POST', `${path}/setLabels`, async (call) => {
      const body = await call.json<LabelsBody>()
      return replyOperation(api, call, (options) =>
        instances.setLabels(get(call, 'setLabels'), body, options),
      )
    }),
    method('instances.setMetadata', 'POST', `${path}/setMetadata`, async (call) => {
      const body = await call.json<MetadataBody>()
      return replyOperation(api, call, (options) =>
        instances.setMetadata(get(call, 'setMetadata'), body, options),
      )
    }),
    method('instances.getSerialPortOutput', 'GET', `${path}/serialPort`, (call) => {
      const instance = get(call, 'getSerialPortOutput')
      if (instance.status !== 'RUNNING' && instance.status !== 'STOPPING') throw notReady(instance.selfLink)
      // Only the first port is wired.
      const wired = (call.query.get('port') ?? '1') === '1'
      const start = Number(call.query.get('start') ?? 0)
      const output = wired ? machines.readSerial(instance, start) : { contents: '', start: 0, next: 0 }
      return {
        json: {
          kind: 'compute#serialPortOutput',
          contents: output.contents,
          start: String(output.start),
          next: String(output.next),
          selfLink: `${call.url.origin}/compute/v1/${instance.selfLink}/serialPort`,
        },
      }
    }),
    method('instances.testIamPermissions', 'POST', `${path}/testIamPermissions`, async (call) => {
      const { permissions = [] } = await call.json<{ readonly permissions?: readonly string[] }>()
      const allowed = permissions.filter((permission) => gate.isAllowed(permission))
      return { json: allowed.length > 0 ? { permissions: allowed } : {} }
    }),
  ]
}
