import type { Disk, Disks } from './disks.ts'
import { alreadyExists, changed, notFound } from './errors.ts'
import type { Instance } from './instance.ts'
import { type InstanceBody, readInstance } from './instance-body.ts'
import { type LabelsBody, readLabels } from './labels.ts'
import { zoneLink } from './links.ts'
import { type MetadataBody, readMetadata } from './metadata-items.ts'
import type { BeginOptions, Operation } from './operations.ts'
import { type State, timestamp } from './state.ts'

/** Instances as records. What turns them into machines is in power.ts. */
export interface Instances {
  /** By name or numeric id. Throws 404. */
  get(project: string, zone: string, instance: string): Instance
  list(project: string, zone: string): readonly Instance[]
  /** Every instance of every project, whatever its status. */
  all(): readonly Instance[]
  insert(project: string, zone: string, body: InstanceBody, options: BeginOptions): Operation
  setLabels(instance: Instance, body: LabelsBody, options: BeginOptions): Operation
  setMetadata(instance: Instance, body: MetadataBody, options: BeginOptions): Operation
}

export function openInstances(state: State, disks: Disks, adoptDisks: boolean): Instances {
  const { records, operations } = state
  const collection = (project: string, zone: string) => `${zoneLink(project, zone)}/instances`

  function change(instance: Instance, type: string, members: Partial<Instance>, options: BeginOptions) {
    records.write(instance.selfLink, { ...instance, ...members })
    return operations.begin(type, instance, options)
  }

  function attach(disk: Disk, instance: Instance) {
    const lastAttachTimestamp = timestamp(state.clock)
    records.write(disk.selfLink, { ...disk, users: [instance.selfLink], lastAttachTimestamp })
  }

  return {
    get(project, zone, name) {
      const instance = records.find<Instance>(collection(project, zone), name)
      if (!instance) throw notFound(`${collection(project, zone)}/${name}`)
      return instance
    },
    list: (project, zone) => records.list<Instance>(collection(project, zone)),
    all() {
      return records.folders('projects').flatMap((project) => {
        const used = records.folders(`projects/${project}/zones`)
        return used.flatMap((zone) => records.list<Instance>(collection(project, zone)))
      })
    },
    insert(project, zone, body, options) {
      const { instance, disks: attached } = readInstance({ state, disks, project, zone, adoptDisks }, body)
      if (!records.create(instance.selfLink, instance)) throw alreadyExists(instance.selfLink)
      for (const disk of attached) attach(disk, instance)
      return operations.begin('insert', instance, options)
    },
    setLabels(instance, body, options) {
      return change(instance, 'setLabels', readLabels(body, instance), options)
    },
    setMetadata(instance, body, options) {
      if (body.fingerprint !== instance.metadata.fingerprint)
        throw changed('Supplied fingerprint does not match current metadata fingerprint.')
      return change(instance, 'setMetadata', { metadata: readMetadata(body, 'metadata') }, options)
    },
  }
}
