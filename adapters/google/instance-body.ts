import type { google } from '@google-cloud/compute/build/protos/protos.js'
import { regionOf } from '../../core/names.ts'
import type { InstanceSpec } from '../../core/world.ts'

// Machines with accelerators of their own cannot be moved while they run, and have to say so themselves
// (https://cloud.google.com/compute/docs/gpus/gpu-host-maintenance).
const immovable = /^(a[2-9]|g[2-9])-/

/** What Compute Engine creates the machine from. Nothing in it outlives the machine. */
export function buildInstance(spec: InstanceSpec): google.cloud.compute.v1.IInstance {
  const { name, zone, machineType, spot } = spec
  return {
    name,
    machineType: `zones/${zone}/machineTypes/${machineType}`,
    labels: { ...spec.labels },
    metadata: { items: Object.entries(spec.metadata).map(([key, value]) => ({ key, value })) },
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: {
          diskName: name,
          sourceImage: spec.image,
          // A disk does not inherit the machine's, and without them nobody could tell whose it is.
          labels: { ...spec.labels },
          ...(spec.diskGb !== undefined && { diskSizeGb: spec.diskGb }),
        },
      },
    ],
    scheduling: {
      provisioningModel: spot ? 'SPOT' : 'STANDARD',
      // Without DELETE it would be stopped, and kept with its disk for ever.
      maxRunDuration: { seconds: spec.maxRunSeconds },
      instanceTerminationAction: 'DELETE',
      // A restarted machine would run its script again, with its clock begun anew.
      automaticRestart: false,
      ...((spot || immovable.test(machineType)) && { onHostMaintenance: 'TERMINATE' }),
    },
    networkInterfaces: [
      {
        ...nameNetwork(spec),
        ...(spec.externalIp && { accessConfigs: [{ name: 'External NAT', type: 'ONE_TO_ONE_NAT' }] }),
      },
    ],
    serviceAccounts: [
      {
        email: spec.serviceAccount ?? 'default',
        scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      },
    ],
  }
}

/** A subnetwork by name is one of the machine's own region; anything with a slash is Google's path to it. */
function nameNetwork({ subnetwork, zone }: InstanceSpec): google.cloud.compute.v1.INetworkInterface {
  if (subnetwork === undefined) return { network: 'global/networks/default' }
  return {
    subnetwork: subnetwork.includes('/') ? subnetwork : `regions/${regionOf(zone)}/subnetworks/${subnetwork}`,
  }
}
