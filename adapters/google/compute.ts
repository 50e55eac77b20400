import type { google } from '@google-cloud/compute/build/protos/protos.js'
import type { CloudError } from '../../core/errors.ts'
import type { Compute, Instance, InstanceSpec, MachineType } from '../../core/world.ts'
import { attempt, ignoreAbsence, toCloudError } from './cloud-errors.ts'
import { once, openComputeClients } from './compute-clients.ts'
import { findImage } from './images.ts'
import { buildInstance } from './instance-body.ts'
import {
  defaultPatience,
  finish,
  LostOperation,
  type Operation,
  type Patience,
  readFailure,
  type Wait,
} from './operations.ts'
import type { Transport } from './transport.ts'

export interface ComputeOptions {
  /** Without a slash at the end, such as `https://compute.googleapis.com`. */
  readonly endpoint: string
  readonly transport: Transport
  readonly patience?: Patience
}

// Of up to a megabyte.
const tailLength = 65_536

/** Opens Compute Engine in a project. Nothing is asked of Google before the first call. */
export function openCompute(project: string, options: ComputeOptions): Compute {
  const { endpoint, transport, patience = defaultPatience } = options
  const clients = openComputeClients(endpoint, transport)

  /** Asks for something of a zone. */
  function ask<T>(method: string, zone: string, name: string, act: () => Promise<T>): Promise<T> {
    return attempt({ method: `compute.${method}`, about: `${name} in ${zone} of project ${project}` }, act)
  }

  async function instance(zone: string, name: string): Promise<Instance | undefined> {
    const get = () => clients.instances().get({ project, zone, instance: name }, once())
    const got = await ask('instances.get', zone, name, get).catch(ignoreAbsence)
    return got && toInstance(zone, got[0])
  }

  async function insert(spec: InstanceSpec): Promise<void> {
    const { name, zone, requestId } = spec
    const request = { project, zone, requestId, instanceResource: buildInstance(spec) }
    const [{ latestResponse }] = await clients.instances().insert(request, once())
    const wait: Wait = async (operation) => {
      const [answer] = await clients.operations().wait({ project, zone, operation }, once())
      return answer
    }
    await finish(latestResponse as Operation, wait, patience).catch(async (error) => {
      if (!(error instanceof LostOperation) || !(await instance(zone, name))) throw error
    })
  }

  async function list(zone: string): Promise<readonly MachineType[]> {
    const request = { project, zone, maxResults: 500 }
    const types: MachineType[] = []
    for await (const type of clients.machineTypes().listAsync(request, { ...once(), autoPaginate: false })) {
      if (!type.deprecated) types.push(toMachineType(type))
    }
    return types
  }

  return {
    image: (reference) => findImage(clients.images(), project, reference),
    machineTypes: (zone) => ask('machineTypes.list', zone, 'machine types', () => list(zone)),
    insert: (spec) => ask('instances.insert', spec.zone, spec.name, () => insert(spec)),
    instance,
    async remove(zone, name, requestId) {
      const remove = () => clients.instances().delete({ project, zone, instance: name, requestId }, once())
      await ask('instances.delete', zone, name, remove).catch(ignoreAbsence)
    },
    async removeDisk(zone, name) {
      const remove = () => clients.disks().delete({ project, zone, disk: name }, once())
      await ask('disks.delete', zone, name, remove).catch(ignoreAbsence)
    },
    failedInsert: (zone, name) =>
      ask('zoneOperations.list', zone, name, async () => {
        // Newest first is the one order that Google offers besides names.
        const request = { project, zone, orderBy: 'creationTimestamp desc', maxResults: 100 }
        const [operations] = await clients.operations().list(request, { ...once(), autoPaginate: false })
        const insert = operations.find(
          ({ operationType, targetLink }) =>
            operationType === 'insert' && targetLink?.endsWith(`/zones/${zone}/instances/${name}`),
        )
        const failure = insert && readFailure(insert)
        if (!failure) return undefined
        const wish = { method: 'compute.instances.insert', about: `${name} in ${zone} of project ${project}` }
        return { id: String(insert.id), error: toCloudError(wish, failure) as CloudError }
      }),
    async diskExists(zone, name) {
      const get = () => clients.disks().get({ project, zone, disk: name }, once())
      const disk = await ask('disks.get', zone, name, get).catch(ignoreAbsence)
      return disk !== undefined
    },
    async serialTail(zone, name) {
      const read = () => clients.instances().getSerialPortOutput({ project, zone, instance: name }, once())
      const [{ contents }] = await ask('instances.getSerialPortOutput', zone, name, read)
      return (contents ?? '').slice(-tailLength)
    },
  }
}

function toInstance(zone: string, { name, id, status, labels }: google.cloud.compute.v1.IInstance): Instance {
  return { name: name ?? '', id: String(id), zone, status: String(status), labels: labels ?? {} }
}

function toMachineType({ name, guestCpus, memoryMb }: google.cloud.compute.v1.IMachineType): MachineType {
  return { name: name ?? '', cpus: guestCpus ?? 0, memoryMb: memoryMb ?? 0 }
}
