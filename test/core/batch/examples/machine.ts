import { type Example, image, machine, writeBatch, zones } from './write.ts'

const units = 'JSON Schema does not count in units'

/** What is wrong with the machine. */
export const refusedMachine: readonly Example[] = [
  {
    what: 'a machine that is a text',
    source: writeBatch({ machine: 'machine: n2-standard-8' }),
    problems: [
      '2:10: machine: expected a machine (image, type, cpus, memory, disk, zones, spot, patience, service_account, subnetwork, external_ip), got "n2-standard-8".',
    ],
  },
  {
    what: 'a machine without image and zones',
    source: writeBatch({ machine: 'machine:\n  cpus: 8' }),
    problems: [
      '2:1: machine: image is missing: the image family (its newest image is taken) or image, of the project or `project/` another, such as ml-batch.',
      '2:1: machine: zones is missing: zones such as asia-northeast1-b, tried in order when one is sold out.',
    ],
  },
  {
    what: 'a misspelt key of the machine',
    source: machine('type: n2-standard-8, sport: true'),
    problems: ['2:71: machine.sport: no such key in a machine. Did you mean "spot"?'],
  },
  {
    what: 'a machine without a size',
    source: machine('spot: true'),
    problems: ['2:1: machine: a machine needs type, cpus or memory.'],
  },
  {
    what: 'a type beside cpus and memory',
    source: machine('type: n2-standard-8, cpus: 8, memory: 32GB'),
    problems: [
      '2:71: machine.cpus: cannot stand beside type.',
      '2:80: machine.memory: cannot stand beside type.',
    ],
  },
  {
    what: 'a type that is none',
    source: machine('type: big'),
    problems: ['2:56: machine.type: expected a machine type such as n2-standard-8, got "big".'],
  },
  {
    what: 'types of which one is none, and two are the same',
    source: machine('type: [n2-standard-8, big, n2-standard-8]'),
    problems: [
      '2:72: machine.type: expected a machine type such as n2-standard-8, got "big".',
      '2:77: machine.type: two are called "n2-standard-8", the first on line 2.',
    ],
  },
  {
    what: 'patience without a unit',
    source: machine('cpus: 8, patience: 600'),
    problems: [
      '2:69: machine.patience: expected a duration such as 45s, 90m, 1h30m or 2d, got "600". A number needs a unit: s, m, h or d.',
    ],
  },
  {
    what: 'cpus in words',
    source: machine('cpus: eight'),
    problems: ['2:56: machine.cpus: expected a whole number from 1 to 1920, got "eight".'],
  },
  {
    what: 'cpus beyond any machine',
    source: machine('cpus: 2000'),
    problems: ['2:56: machine.cpus: expected a whole number from 1 to 1920, got 2000.'],
  },
  {
    what: 'half a cpu',
    source: machine('cpus: 0.5'),
    problems: ['2:56: machine.cpus: expected a whole number from 1 to 1920, got 0.5.'],
  },
  {
    what: 'memory without a unit',
    source: machine('memory: 32'),
    problems: [
      '2:58: machine.memory: expected a size such as 512MB, 32GB or 2TB, got "32". A number needs a unit: MB, GB or TB.',
    ],
  },
  {
    what: 'memory with a unit nearly right',
    source: machine('memory: 32 gb'),
    problems: [
      '2:58: machine.memory: expected a size such as 512MB, 32GB or 2TB, got "32 gb". Did you mean "32GB"?',
    ],
  },
  {
    what: 'memory with a unit that is none',
    source: machine('memory: 32EB'),
    problems: ['2:58: machine.memory: expected a size such as 512MB, 32GB or 2TB, got "32EB".'],
  },
  {
    what: 'memory that is a list',
    source: machine('memory: [32GB]'),
    problems: ['2:58: machine.memory: expected a size, got a list.'],
  },
  {
    what: 'memory beyond any machine',
    source: machine('memory: 33TB'),
    problems: ['2:58: machine.memory: expected a size from 512MB to 32TB, got "33TB".'],
    beyondSchema: units,
  },
  {
    what: 'memory in parts of a MB',
    source: machine('memory: 1024.5MB'),
    problems: ['2:58: machine.memory: expected a whole number of MB, got "1024.5MB".'],
    beyondSchema: units,
  },
  {
    what: 'a disk in MB',
    source: machine('cpus: 1, disk: 10245MB'),
    problems: ['2:65: machine.disk: expected a whole number of GB, got "10245MB".'],
    beyondSchema: units,
  },
  {
    what: 'a disk that is too small',
    source: machine('cpus: 1, disk: 9GB'),
    problems: ['2:65: machine.disk: expected a size from 10GB to 64TB, got "9GB".'],
    beyondSchema: units,
  },
  {
    what: 'a disk that is too large',
    source: machine('cpus: 1, disk: 65TB'),
    problems: ['2:65: machine.disk: expected a size from 10GB to 64TB, got "65TB".'],
    beyondSchema: units,
  },
  {
    what: 'no zones',
    source: zones('[]'),
    problems: ['2:45: machine.zones: expected a list of at least 1, got an empty list.'],
  },
  {
    what: 'one zone that is no list',
    source: zones('us-east1-b'),
    problems: ['2:45: machine.zones: expected a list, got "us-east1-b".'],
  },
  {
    what: 'a region for a zone',
    source: zones('[us-east1]'),
    problems: ['2:46: machine.zones: expected a zone such as asia-northeast1-b, got "us-east1".'],
  },
  {
    what: 'the same zone twice',
    source: zones('[us-east1-b, us-east1-c, us-east1-b]'),
    problems: ['2:70: machine.zones: two are called "us-east1-b", the first on line 2.'],
  },
  {
    what: 'spot in words',
    source: machine('cpus: 1, spot: yes'),
    problems: ['2:65: machine.spot: expected true, false or preferred, got "yes".'],
  },
  {
    what: 'spot in quotes',
    source: machine('cpus: 1, external_ip: "true"'),
    problems: ['2:72: machine.external_ip: expected true or false, got "true".'],
  },
  {
    what: 'a service account without its domain',
    source: machine('cpus: 1, service_account: batch'),
    problems: ['2:76: machine.service_account: expected an email address of a service account, got "batch".'],
  },
  {
    what: 'a subnetwork with a space',
    source: machine('cpus: 1, subnetwork: my net'),
    problems: [
      '2:71: machine.subnetwork: expected a subnetwork such as regions/asia-northeast1/subnetworks/batch, got "my net".',
    ],
  },
  {
    what: 'an image in capitals',
    source: image('ML'),
    problems: [
      '2:19: machine.image: expected an image family or image such as ml-batch or acme-images/ml-batch, got "ML".',
    ],
  },
  {
    what: 'an expression in the image',
    source: image('"${{ params.image }}"'),
    problems: [
      '2:20: machine.image: "${{" is not filled in here: expressions work in env, container, from, to and the name of an output only.',
    ],
  },
]
