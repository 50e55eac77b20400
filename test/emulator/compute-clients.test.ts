import { randomUUID } from 'node:crypto'
import { DisksClient } from '@google-cloud/compute/build/src/v1/disks_client.js'
import { ImagesClient } from '@google-cloud/compute/build/src/v1/images_client.js'
import { InstancesClient } from '@google-cloud/compute/build/src/v1/instances_client.js'
import { MachineTypesClient } from '@google-cloud/compute/build/src/v1/machine_types_client.js'
import { ZoneOperationsClient } from '@google-cloud/compute/build/src/v1/zone_operations_client.js'
import { GoogleAuth, OAuth2Client } from 'google-auth-library'
import { expect, test } from 'vitest'
import { type Emulator, startEmulator } from '../../emulator/index.ts'

type Options = NonNullable<ConstructorParameters<typeof InstancesClient>[0]>

function optionsFor(emulator: Emulator): Options {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'any' })
  const auth = new GoogleAuth({ authClient })
  return { apiEndpoint: '127.0.0.1', port: emulator.port, protocol: 'http', fallback: true, auth } as Options
}

const notFound = /^The resource 'projects\/acme\/.*' was not found$/

const place = { project: 'acme', zone: 'us-central1-a' }

const instanceResource = {
  name: 'vm-1',
  machineType: 'zones/us-central1-a/machineTypes/n2-standard-4',
  labels: { run: 'r1' },
  disks: [
    {
      boot: true,
      autoDelete: true,
      initializeParams: { sourceImage: 'global/images/family/mayfly-local', diskSizeGb: '20' },
    },
  ],
  networkInterfaces: [{ accessConfigs: [{ name: 'nat', type: 'ONE_TO_ONE_NAT' }] }],
  scheduling: {
    provisioningModel: 'SPOT',
    instanceTerminationAction: 'DELETE',
    maxRunDuration: { seconds: 3600 },
  },
  metadata: { items: [{ key: 'startup-script', value: '#!/bin/sh\necho hello\n' }] },
}

test("Google's own client creates, lists and deletes an instance", async () => {
  await using emulator = await startEmulator()
  const options = optionsFor(emulator)
  const instances = new InstancesClient(options)
  const operations = new ZoneOperationsClient(options)
  const requestId = randomUUID()

  const [{ latestResponse: insert }] = await instances.insert({ ...place, requestId, instanceResource })
  const [done] = await operations.wait({ ...place, operation: insert?.name })
  expect(done).toMatchObject({
    status: 'DONE',
    clientOperationId: requestId,
    operationType: 'insert',
  })

  expect(done.error).toBeUndefined()

  const [instance] = await instances.get({ ...place, instance: 'vm-1' })
  expect(String(instance.id)).toBe(String(done.targetId))
  expect(instance).toMatchObject({
    status: 'RUNNING',
    labels: { run: 'r1' },
    scheduling: { provisioningModel: 'SPOT', onHostMaintenance: 'TERMINATE', automaticRestart: false },
  })
  expect(String(instance.scheduling?.maxRunDuration?.seconds)).toBe('3600')

  const [listed] = await instances.list({ ...place, filter: 'labels.run=r1' })
  expect(listed.map(({ name }) => name)).toEqual(['vm-1'])
  const [others] = await instances.list({ ...place, filter: 'labels.run=r2' })
  expect(others).toEqual([])

  const found: string[] = []
  for await (const [scope, { instances: some }] of instances.aggregatedListAsync({ project: 'acme' }))
    for (const { name } of some ?? []) found.push(`${scope}: ${name}`)
  expect(found).toEqual(['zones/us-central1-a: vm-1'])

  const [{ latestResponse: removal }] = await instances.delete({ ...place, instance: 'vm-1' })
  await operations.wait({ ...place, operation: removal?.name })
  await expect(instances.get({ ...place, instance: 'vm-1' })).rejects.toThrow(notFound)
  const [left] = await new DisksClient(options).list(place)
  expect(left).toEqual([])
  expect(emulator.unknown()).toEqual([])
})

test('an operation that failed is no exception to the client, and says where there is room', async () => {
  await using emulator = await startEmulator()
  const options = optionsFor(emulator)
  emulator.compute.stockout('us-central1-a', { available: ['us-central1-f', 'us-central1-b'] })

  const [{ latestResponse: insert }] = await new InstancesClient(options).insert({
    ...place,
    instanceResource,
  })
  const [done] = await new ZoneOperationsClient(options).wait({ ...place, operation: insert?.name })
  expect(done).toMatchObject({ status: 'DONE', httpErrorStatusCode: 503 })
  expect(done.error?.errors?.[0]).toMatchObject({
    code: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
    errorDetails: expect.arrayContaining([
      expect.objectContaining({
        errorInfo: expect.objectContaining({
          metadatas: expect.objectContaining({ zonesAvailable: 'us-central1-f,us-central1-b' }),
        }),
      }),
    ]),
  })
  expect(emulator.compute.instances()).toEqual([])
  expect(emulator.compute.disks()).toEqual([])
})

test("Google's own client finds images by family and machine types by size", async () => {
  await using emulator = await startEmulator()
  const options = optionsFor(emulator)
  const images = new ImagesClient(options)

  const [debian] = await images.getFromFamily({ project: 'debian-cloud', family: 'debian-12' })
  expect(debian.name).toMatch(/^debian-12-/)
  await expect(images.getFromFamily({ project: 'acme', family: 'none' })).rejects.toThrow(notFound)

  const filter = 'guestCpus = 8 AND memoryMb >= 65536'
  const [types] = await new MachineTypesClient(options).list({ ...place, filter })
  expect(types.map(({ name, guestCpus, memoryMb }) => [name, guestCpus, memoryMb])).toEqual([
    ['c3-highmem-8', 8, 65536],
    ['e2-highmem-8', 8, 65536],
    ['n2-highmem-8', 8, 65536],
    ['n2d-highmem-8', 8, 65536],
  ])
  expect(emulator.unknown()).toEqual([])
})
