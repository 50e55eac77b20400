import type { Disk, Fleet, Instance } from '../../core/world.ts'
import { surveyZones } from './aggregated-list.ts'
import { attempt, ignoreAbsence } from './cloud-errors.ts'
import type { ComputeOptions } from './compute.ts'
import { readJson } from './transport.ts'

/** An instance in Google's JSON. */
interface InstanceResource {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A disk in Google's JSON. Times are RFC 3339. */
interface DiskResource extends InstanceResource {
  readonly users?: readonly string[]
  readonly creationTimestamp: string
  readonly lastAttachTimestamp?: string
  readonly lastDetachTimestamp?: string
}

/** Opens what a project has in all its zones. Nothing is asked of Google before the first call. */
export function openFleet(project: string, { endpoint, transport }: ComputeOptions): Fleet {
  const home = `${endpoint}/compute/v1/projects/${project}`
  const instances = { project, home, kind: 'instances', read: toInstance } as const
  const disks = { project, home, kind: 'disks', read: toDisk } as const
  return {
    instances: (label, value) => surveyZones(transport, instances, `labels.${label}=${value}`),
    disks: (label, value) => surveyZones(transport, disks, `labels.${label}=${value}`),
    // `eq` takes a regular expression of the whole name.
    disksNamed: (prefix) => surveyZones(transport, disks, `name eq "${prefix}.*"`),
    async disk(zone, name) {
      const wish = { method: 'compute.disks.get', about: `${name} in ${zone} of project ${project}` }
      const get = () => transport.send({ http: 'GET', url: `${home}/zones/${zone}/disks/${name}` })
      const answer = await attempt(wish, get).catch(ignoreAbsence)
      return answer && toDisk(zone, readJson(answer))
    },
  }
}

function toInstance(zone: string, { name, id, status, labels = {} }: InstanceResource): Instance {
  return { name, id, zone, status, labels }
}

function toDisk(zone: string, disk: DiskResource): Disk {
  const { name, id, status, labels = {}, users = [] } = disk
  const times = [disk.creationTimestamp, disk.lastAttachTimestamp, disk.lastDetachTimestamp]
  const touched = Math.max(...times.flatMap((time) => (time === undefined ? [] : Date.parse(time))))
  return { name, id, zone, status, labels, attached: users.length > 0, touched }
}
