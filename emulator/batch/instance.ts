import type { InstanceBody } from '../compute/instance-body.ts'
import { regionOf } from '../compute/links.ts'
import { zones } from '../compute/zones.ts'
import { controlPrefix } from '../http.ts'
import { writeAgentScript } from './agent-script.ts'
import type { Job } from './job.ts'

/** Where a job's VMs may be, as zones. */
export function listZones({ allocationPolicy, local }: Job): readonly string[] {
  const allowed = allocationPolicy?.location?.allowedLocations ?? []
  const named = allowed.filter((each) => each.startsWith('zones/')).map((each) => each.slice(6))
  return named.length > 0 ? named : zones.filter((zone) => regionOf(zone) === local.location)
}

/** Names that stand for images of Batch's own; what is in them is the driver's affair here. */
const shortImage = /^batch-/

/** The VM of a slot, whose agent asks the emulator for tasks. */
export function makeInstance(job: Job, name: string, zone: string, cloud: string): InstanceBody {
  const path = `${controlPrefix}batch/${job.uid}/${name}`
  const { instances, serviceAccount, network, labels } = job.allocationPolicy ?? {}
  const { machineType = 'e2-standard-2', provisioningModel, bootDisk = {} } = instances?.[0]?.policy ?? {}
  const [nic = {}] = network?.networkInterfaces ?? []
  const { image = 'batch-debian', sizeGb } = bootDisk
  const sourceImage = shortImage.test(image) ? 'projects/debian-cloud/global/images/family/debian-12' : image
  const isSpot = provisioningModel === 'SPOT' || provisioningModel === 'PREEMPTIBLE'
  return {
    name,
    machineType: `zones/${zone}/machineTypes/${machineType}`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage, ...(Number(sizeGb) > 0 && { diskSizeGb: String(sizeGb) }) },
      },
    ],
    networkInterfaces: [
      {
        ...(nic.network !== undefined && { network: nic.network }),
        ...(nic.subnetwork !== undefined && { subnetwork: nic.subnetwork }),
        ...(!nic.noExternalIpAddress && { accessConfigs: [{}] }),
      },
    ],
    // What Batch itself adds: https://cloud.google.com/batch/docs/organize-resources-using-labels#predefined
    labels: {
      ...labels,
      'goog-batch-worker': 'true',
      'batch-job-id': job.name.split('/').at(-1) ?? '',
      'batch-job-uid': job.uid,
    },
    serviceAccounts: [
      {
        email: serviceAccount?.email ?? 'default',
        scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      },
    ],
    scheduling: {
      automaticRestart: false,
      ...(isSpot && { provisioningModel: 'SPOT', instanceTerminationAction: 'STOP' }),
    },
    metadata: { items: [{ key: 'startup-script', value: writeAgentScript(cloud, path) }] },
  }
}
