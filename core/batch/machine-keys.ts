import { distinctList, key, object } from './collections.ts'
import { sizeInGb, sizeInMb, text, wholeNumber, yesNo } from './scalars.ts'

/** `machine:` of a batch file. */
export const machine = object(
  {
    what: 'a machine',
    oneOf: ['type', 'cpus', 'memory'],
    never: [
      ['type', 'cpus'],
      ['type', 'memory'],
    ],
  },
  {
    image: key(
      text({
        expected: 'an image family or image such as ml-batch or acme-images/ml-batch',
        pattern: /^(?:[a-z][a-z0-9.:-]*\/)?[a-z][a-z0-9-]{0,62}$/u,
      }),
      {
        description:
          'the image family (its newest image is taken) or image, of the project or `project/` another',
        example: 'ml-batch',
        required: true,
      },
    ),
    type: key(
      text({
        expected: 'a machine type such as n2-standard-8',
        pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/u,
      }),
      { description: 'a machine type by name, in place of cpus and memory', example: 'n2-standard-8' },
    ),
    // Up to the largest there is, x4-megamem-1920-metal.
    cpus: key(wholeNumber(1, 1920), {
      description: 'virtual CPUs; the smallest machine type that has them is chosen',
    }),
    memory: key(sizeInMb('512MB', '32TB'), {
      description: 'memory; the smallest machine type that has it is chosen. A GB is 2^30 bytes',
      example: '32GB',
      as: 'memoryMb',
    }),
    disk: key(sizeInGb('10GB', '64TB'), {
      description: "size of the boot disk, in whole GB; the image's own when absent",
      example: '100GB',
      as: 'diskGb',
    }),
    zones: key(
      distinctList(
        text({ expected: 'a zone such as asia-northeast1-b', pattern: /^[a-z]+-[a-z]+\d+-[a-z0-9]+$/u }),
      ),
      {
        description: 'zones such as asia-northeast1-b, tried in order when one is sold out',
        required: true,
      },
    ),
    spot: key(yesNo, {
      description: 'a spot machine: cheaper, and Google may take it away at any time',
      default: false,
    }),
    service_account: key(
      text({
        expected: 'an email address of a service account',
        pattern: /^[a-z0-9][a-z0-9.-]*@[a-z0-9.-]+$/u,
      }),
      {
        description: 'the service account that the machine acts as',
        example: 'batch@acme-ml.iam.gserviceaccount.com',
        as: 'serviceAccount',
      },
    ),
    subnetwork: key(
      text({
        expected: 'a subnetwork such as regions/asia-northeast1/subnetworks/batch',
        pattern: /^[A-Za-z0-9:._/-]+$/u,
      }),
      { description: 'the subnetwork of the machine; the default network when absent' },
    ),
    external_ip: key(yesNo, {
      description:
        'whether the machine has an external address; without one, it needs Cloud NAT or Private Google Access',
      default: true,
      as: 'externalIp',
    }),
  },
)
