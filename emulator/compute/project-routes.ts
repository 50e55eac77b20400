import type { Route } from '../http.ts'
import { type Api, method, reply } from './api.ts'
import { notFound } from './errors.ts'
import { numberProject } from './ids.ts'
import { findMachineType, listMachineTypes } from './machine-types.ts'
import { readMetadata } from './metadata-items.ts'
import { replyAggregatedList, replyList } from './pages.ts'
import { makeRegion, makeZone, type QuotaView, regions, zones } from './zones.ts'

/** Projects, regions, zones and machine types: what is there without anybody making it. */
export function projectRoutes({ gate }: Api): Route[] {
  return [
    method('projects.get', 'GET', '', (call) => {
      const { project } = call.params
      gate.check('compute.projects.get', `projects/${project}`)
      return reply(call, makeProject(project))
    }),
    method('regions.list', 'GET', '/regions', (call) => {
      const { project } = call.params
      const all = regions.map((region) => makeRegion(project, region, listQuotas(gate, region)))
      return replyList(call, 'region', `projects/${project}/regions`, all)
    }),
    method('regions.get', 'GET', '/regions/{region}', (call) => {
      const { project, region } = call.params
      if (!regions.includes(region)) throw notFound(`projects/${project}/regions/${region}`)
      return reply(call, makeRegion(project, region, listQuotas(gate, region)))
    }),
    method('zones.list', 'GET', '/zones', (call) => {
      const { project } = call.params
      const all = zones.map((zone) => makeZone(project, zone))
      return replyList(call, 'zone', `projects/${project}/zones`, all)
    }),
    method('zones.get', 'GET', '/zones/{zone}', (call) => {
      return reply(call, makeZone(call.params.project, call.params.zone))
    }),
    method('machineTypes.aggregatedList', 'GET', '/aggregated/machineTypes', (call) => {
      const { project } = call.params
      return replyAggregatedList(call, gate, 'machineType', project, (zone) =>
        listMachineTypes(project, zone),
      )
    }),
    method('machineTypes.list', 'GET', '/zones/{zone}/machineTypes', (call) => {
      const { project, zone } = call.params
      const collection = `projects/${project}/zones/${zone}/machineTypes`
      return replyList(call, 'machineType', collection, listMachineTypes(project, zone))
    }),
    method('machineTypes.get', 'GET', '/zones/{zone}/machineTypes/{machineType}', (call) => {
      const { project, zone, machineType } = call.params
      const found = findMachineType(project, zone, machineType)
      if (!found) throw notFound(`projects/${project}/zones/${zone}/machineTypes/${machineType}`)
      return reply(call, found)
    }),
  ]
}

// Of CPUs alone; a machine of any size fits until a quota is set.
const metrics = ['CPUS', 'N2_CPUS', 'N2D_CPUS', 'C3_CPUS', 'PREEMPTIBLE_CPUS']

function listQuotas(gate: Api['gate'], region: string): readonly QuotaView[] {
  return metrics.map((metric) => ({ metric, limit: gate.findLimit(metric, region) ?? 5000, usage: 0 }))
}

function makeProject(project: string): object {
  const number = numberProject(project)
  return {
    kind: 'compute#project',
    id: number,
    creationTimestamp: '2020-01-01T00:00:00.000-08:00',
    name: project,
    commonInstanceMetadata: readMetadata(undefined, 'commonInstanceMetadata'),
    defaultServiceAccount: `${number}-compute@developer.gserviceaccount.com`,
    defaultNetworkTier: 'PREMIUM',
    quotas: [],
    xpnProjectStatus: 'UNSPECIFIED_XPN_PROJECT_STATUS',
    selfLink: `projects/${project}`,
  }
}
