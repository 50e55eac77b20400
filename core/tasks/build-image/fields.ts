import { cloudFields, dryRunField, flag, list, map, parsed, text } from '../../fields.ts'
import { zonePattern } from '../../names.ts'
import { slackFields } from '../../notify/destination.ts'
import { releasePageField } from '../../notify/release-page.ts'
import { readCount, readDuration, readSize } from '../../units.ts'

// RFC 1035, with room for a tag after it.
const familyPattern = /^[a-z]([-a-z0-9]{0,46}[a-z0-9])?$/

/** The inputs of `build-image`. */
export const fields = {
  family: parsed(
    {
      description: 'The image family. Batches that name it run on its newest image.',
      example: 'ml-batch',
      required: true,
    },
    readFamily,
  ),
  playbook: text({
    description:
      "The Ansible playbook that makes the machine what your batches need. Mayfly's own role comes before it: a container engine, Node and the agent.",
    example: 'site.yml',
    requiredWithout: 'template',
  }),
  template: text({
    description:
      'A Packer template of your own, a file or a folder, in place of the one that comes with Mayfly. It is given variables by the names that the googlecompute builder has for its options.',
    example: 'image.pkr.hcl',
  }),
  tag: text({
    description:
      'The git tag to build. Without it, the tag that the CI job runs for; on a branch or pull request the template and the playbook are checked, and nothing is made.',
    example: 'v1.4.0',
    positional: true,
  }),
  source_image: text({
    description: 'The image to begin with: a family or an image, with its project.',
    default: 'debian-cloud/debian-12',
  }),
  containers: list({
    description: 'Container images to pull ahead, so that batches need not.',
    example: 'asia-docker.pkg.dev/acme/ml/r:4.4',
  }),
  variables: map({
    description: 'Variables of the playbook, or of your own template, `name=value` a line.',
    example: 'r_version=4.4',
    flag: 'var',
  }),
  secrets: map({
    description:
      'Variables whose values are in environment variables: `name=ENVIRONMENT_VARIABLE` a line. The values stay out of arguments and logs.',
    example: 'cran_token=CRAN_TOKEN',
    flag: 'secret',
  }),
  smoke: text({
    description:
      'The batch file that a new image must pass before the family leads to it; its `machine: image` is the new one, whatever it says. Without it, the machine has to boot, and each of the containers to start.',
    example: 'smoke.yaml',
  }),
  machine_type: text({
    description: 'Machine type of the builder and of the smoke batch.',
    default: 'e2-standard-2',
  }),
  zones: list(
    {
      description: 'Zones, tried in order when one is sold out.',
      example: 'us-central1-a',
      required: true,
      env: ['CLOUDSDK_COMPUTE_ZONE'],
    },
    checkZone,
  ),
  disk: parsed({ description: "Size of the image's disk.", default: '20GB' }, readGigabytes),
  subnetwork: text({
    description: 'Subnetwork of the builder and of the smoke batch. Without it, the default network.',
  }),
  service_account: text({ description: 'Service account of the builder and of the smoke batch.' }),
  internal_ip: flag({
    description: 'Reach the builder by its internal address, and give machines no external one.',
  }),
  timeout: parsed(
    { description: 'The builder is gone this long after it was made, whatever happens.', default: '1h' },
    readDuration,
  ),
  keep: parsed(
    { description: 'How many images of the family stay active. Older ones are deprecated.', default: '5' },
    readCount,
  ),
  delete_after: parsed(
    {
      description: 'Deprecated images are deleted this long after, when no disk was made from them.',
      default: '30d',
    },
    readDuration,
  ),
  ...releasePageField,
  ...slackFields,
  ...cloudFields,
  ...dryRunField,
} as const

function readFamily(text: string): string {
  if (familyPattern.test(text)) return text
  throw new Error(`expected small letters, digits and "-", a letter first, at most 48; got "${text}".`)
}

function checkZone(text: string): void {
  if (!zonePattern.test(text)) throw new Error(`expected a zone such as us-central1-a, got "${text}".`)
}

function readGigabytes(text: string): number {
  const gigabytes = readSize(text) / 1024
  if (Number.isInteger(gigabytes) && gigabytes >= 10) return gigabytes
  throw new Error(`expected whole GB, 10GB at least, got "${text}".`)
}

/** Its outputs. */
export const outputs = {
  state: '`built`, `promoted` (it had been built before), `unchanged` (and promoted before) or `checked`.',
  image: 'Name of the image.',
  image_id: 'Its numeric id.',
  self_link: 'Its address in Compute Engine.',
  family: 'Its family.',
  previous_image: 'The image that the family led to before; empty when there was none.',
  smoke_run: 'The run of the smoke batch, `runs/<batch>/<id>`.',
}
