import { zonePattern } from '../names.ts'
import { distinctList, key, object, oneOrMore } from './collections.ts'
import { duration, sizeInGb, sizeInMb, text, wholeNumber, yesNo } from './scalars.ts'
import { refuse, type Shape } from './shape.ts'

const machineType = text({
  expected: 'a machine type such as n2-standard-8',
  pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/u,
})

const spot: Shape<boolean | 'preferred'> = {
  schema: { enum: [true, false, 'preferred'] },
  read: (item, names) => {
    if (item.kind === 'boolean') return yesNo.read(item, names)
    return item.text === 'preferred' ? 'preferred' : refuse(item, 'true, false or preferred')
  },
}

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
    type: key(oneOrMore(machineType), {
      description:
        'a machine type by name, or a list of them, tried in order when one is sold out; in place of cpus and memory',
      example: 'n2-standard-8',
      as: 'types',
    }),
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
    zones: key(distinctList(text({ expected: 'a zone such as asia-northeast1-b', pattern: zonePattern })), {
      description: 'zones such as asia-northeast1-b, tried in order when one is sold out',
      required: true,
    }),
    spot: key(spot, {
      description:
        'true: a spot machine, cheaper, and Google may take it away at any time; preferred: a standard machine when there is no spot one',
      default: false,
    }),
    patience: key(duration('0s', '7d'), {
      description:
        'how long to go on asking for the machine while all of its zones and types are sold out; 0s asks once, and it is 10m when absent',
      as: 'patienceSeconds',
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
