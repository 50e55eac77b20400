import type { Route } from '../http.ts'
import { type Api, method, reply, replyOperation } from './api.ts'
import type { DiskBody } from './disks.ts'
import { zoneLink } from './links.ts'
import { replyAggregatedList, replyList } from './pages.ts'

export function diskRoutes(api: Api): Route[] {
  const { gate, disks } = api
  const linkOf = (project: string, zone: string, disk = '') => `${zoneLink(project, zone)}/disks/${disk}`
  return [
    method('disks.aggregatedList', 'GET', '/aggregated/disks', (call) => {
      const { project } = call.params
      gate.check('compute.disks.list', `projects/${project}`)
      return replyAggregatedList(call, gate, 'disk', project, (zone) => disks.list(project, zone))
    }),
    method('disks.list', 'GET', '/zones/{zone}/disks', (call) => {
      const { project, zone } = call.params
      gate.check('compute.disks.list', `projects/${project}`)
      return replyList(call, 'disk', `${zoneLink(project, zone)}/disks`, disks.list(project, zone))
    }),
    method('disks.get', 'GET', '/zones/{zone}/disks/{disk}', (call) => {
      const { project, zone, disk } = call.params
      gate.check('compute.disks.get', linkOf(project, zone, disk))
      return reply(call, disks.get(project, zone, disk))
    }),
    method('disks.insert', 'POST', '/zones/{zone}/disks', async (call) => {
      const { project, zone } = call.params
      const given = await call.json<DiskBody>()
      const sourceImage = call.query.get('sourceImage') ?? given.sourceImage
      const body = sourceImage === undefined ? given : { ...given, sourceImage }
      gate.check('compute.disks.create', linkOf(project, zone, body.name))
      return replyOperation(api, call, (options) => disks.insert(project, zone, body, options))
    }),
    method('disks.delete', 'DELETE', '/zones/{zone}/disks/{disk}', (call) => {
      const { project, zone, disk } = call.params
      gate.check('compute.disks.delete', linkOf(project, zone, disk))
      return replyOperation(api, call, (options) => disks.delete(project, zone, disk, options))
    }),
  ]
}
