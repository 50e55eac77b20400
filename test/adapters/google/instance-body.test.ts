import { expect, test } from 'vitest'
import { buildInstance } from '../../../adapters/google/instance-body.ts'
import type { InstanceSpec } from '../../../core/world.ts'

const spec: InstanceSpec = {
  name: 'vm-1',
  zone: 'us-central1-a',
  machineType: 'n2-standard-4',
  image: 'https://www.googleapis.com/compute/v1/projects/p/global/images/ml',
  spot: false,
  maxRunSeconds: 7_200,
  labels: { run: 'r1' },
  metadata: { 'startup-script': '#!/bin/sh' },
  externalIp: false,
  requestId: 'c0ffee00-0000-4000-8000-000000000000',
}

test('the machine deletes itself with its disk, and never starts a second time', () => {
  expect(buildInstance(spec)).toEqual({
    name: 'vm-1',
    machineType: 'zones/us-central1-a/machineTypes/n2-standard-4',
    labels: { run: 'r1' },
    metadata: { items: [{ key: 'startup-script', value: '#!/bin/sh' }] },
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { diskName: 'vm-1', sourceImage: spec.image, labels: { run: 'r1' } },
      },
    ],
    scheduling: {
      provisioningModel: 'STANDARD',
      maxRunDuration: { seconds: 7_200 },
      instanceTerminationAction: 'DELETE',
      automaticRestart: false,
    },
    networkInterfaces: [{ network: 'global/networks/default' }],
    serviceAccounts: [{ email: 'default', scopes: ['https://www.googleapis.com/auth/cloud-platform'] }],
  })
})

test.each([
  [{ spot: true }, { scheduling: { provisioningModel: 'SPOT', onHostMaintenance: 'TERMINATE' } }],
  [{ machineType: 'g2-standard-8' }, { scheduling: { onHostMaintenance: 'TERMINATE' } }],
  [{ machineType: 'a3-highgpu-8g' }, { scheduling: { onHostMaintenance: 'TERMINATE' } }],
  [{ diskGb: 100 }, { disks: [{ initializeParams: { diskSizeGb: 100 } }] }],
  [{ serviceAccount: 'a@b.c' }, { serviceAccounts: [{ email: 'a@b.c' }] }],
  [
    { externalIp: true },
    { networkInterfaces: [{ accessConfigs: [{ name: 'External NAT', type: 'ONE_TO_ONE_NAT' }] }] },
  ],
  [{ subnetwork: 'batch' }, { networkInterfaces: [{ subnetwork: 'regions/us-central1/subnetworks/batch' }] }],
  [
    { subnetwork: 'projects/host/regions/us-central1/subnetworks/shared' },
    { networkInterfaces: [{ subnetwork: 'projects/host/regions/us-central1/subnetworks/shared' }] },
  ],
] as const)('%j gives %j', (wish, part) => {
  expect(buildInstance({ ...spec, ...wish })).toMatchObject(part)
})
