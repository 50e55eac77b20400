import type { google } from '@google-cloud/compute/build/protos/protos.js'
import type { Compute, Instance, InstanceSpec, MachineType } from '../../core/world.ts'
import { attempt, ignoreAbsence, type Wish } from './cloud-errors.ts'
import { once, openComputeClients } from './compute-clients.ts'
import { findImage } from './images.ts'
import { buildInstance } from './instance-body.ts'
import {
  defaultPatience,
  finish,
  LostOperation,
  type Operation,
  type Patience,
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

/** Opens Compute Engine in a project. Nothing is asked of Google, and no client is loaded, before the first call. */
export function openCompute(project: string, options: ComputeOptions): Compute {
  const { endpoint, transport, patience = defaultPatience } = options
  const clients = openComputeClients(endpoint, transport)

  async function instance(zone: string, name: string): Promise<Instance | undefined> {
    const client = await clients.instances()
    const request = { project, zone, instance: name }
    const got = await attempt(wish('instances.get', name, zone), () =>
      client.get(request, { ...once }),
    ).catch(ignoreAbsence)
    return got && toInstance(zone, got[0])
  }

  async function insert(spec: InstanceSpec): Promise<void> {
    const { name, zone, requestId } = spec
    const [instances, operations] = await Promise.all([clients.instances(), clients.operations()])
    const wait: Wait = async (operation) => {
      const [answer] = await operations.wait({ project, zone, operation }, { ...once })
      return answer
    }
    await attempt(wish('instances.insert', name, zone), async () => {
      const request = { project, zone, requestId, instanceResource: buildInstance(spec) }
      const [{ latestResponse }] = await instances.insert(request, { ...once })
      await finish(latestResponse as Operation, wait, patience).catch(async (error) => {
        if (!(error instanceof LostOperation) || !(await instance(zone, name))) throw error
      })
    })
  }

  return {
    image: async (reference) => findImage(await clients.images(), project, reference),
    machineTypes: async (zone) => {
      const client = await clients.machineTypes()
      const request = { project, zone, maxResults: 500 }
      const types: MachineType[] = []
      await attempt(wish('machineTypes.list', 'machine types', zone), async () => {
        for await (const type of client.listAsync(request, { ...once, autoPaginate: false })) {
          if (!type.deprecated) types.push(toMachineType(type))
        }
      })
      return types
    },
    insert,
    instance,
    remove: async (zone, name, requestId) => {
      const client = await clients.instances()
      await attempt(wish('instances.delete', name, zone), () =>
        client.delete({ project, zone, instance: name, requestId }, { ...once }),
      ).catch(ignoreAbsence)
    },
    diskExists: async (zone, name) => {
      const client = await clients.disks()
      const disk = await attempt(wish('disks.get', name, zone), () =>
        client.get({ project, zone, disk: name }, { ...once }),
      ).catch(ignoreAbsence)
      return disk !== undefined
    },
    serialTail: async (zone, name) => {
      const client = await clients.instances()
      const [output] = await attempt(wish('instances.getSerialPortOutput', name, zone), () =>
        client.getSerialPortOutput({ project, zone, instance: name }, { ...once }),
      )
      return (output.contents ?? '').slice(-tailLength)
    },
  }

  function wish(method: string, name: string, zone: string): Wish {
    return { method: `compute.${method}`, about: `${name} in ${zone} of project ${project}` }
  }
}

function toInstance(zone: string, { name, id, status, labels }: google.cloud.compute.v1.IInstance): Instance {
  return { name: name ?? '', id: String(id), zone, status: String(status), labels: labels ?? {} }
}

function toMachineType({ name, guestCpus, memoryMb }: google.cloud.compute.v1.IMachineType): MachineType {
  return { name: name ?? '', cpus: guestCpus ?? 0, memoryMb: memoryMb ?? 0 }
}
