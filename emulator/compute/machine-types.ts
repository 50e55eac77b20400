/** A machine type and what it has. */
export interface MachineType {
  readonly kind: 'compute#machineType'
  readonly id: string
  readonly creationTimestamp: string
  readonly name: string
  readonly description: string
  readonly guestCpus: number
  readonly memoryMb: number
  readonly isSharedCpu: boolean
  readonly architecture: 'X86_64'
  readonly imageSpaceGb: 0
  readonly maximumPersistentDisks: 128
  readonly maximumPersistentDisksSizeGb: string
  readonly accelerators?: readonly {
    readonly guestAcceleratorType: string
    readonly guestAcceleratorCount: number
  }[]
  /** The bare name, unlike the zone of any other resource. */
  readonly zone: string
  readonly selfLink: string
}

interface Shape {
  readonly name: string
  readonly cpus: number
  readonly memoryGb: number
  readonly shared?: true
  readonly gpus?: number
}

/** Shapes of a family: `standard`, `highmem` and `highcpu`, each with its GB for a vCPU and its numbers of vCPUs. */
function family(
  name: string,
  kinds: Readonly<Record<string, readonly [number, readonly number[]]>>,
): Shape[] {
  return Object.entries(kinds).flatMap(([kind, [memoryPerCpu, sizes]]) =>
    sizes.map((cpus) => ({ name: `${name}-${kind}-${cpus}`, cpus, memoryGb: cpus * memoryPerCpu })),
  )
}

const upTo64 = [2, 4, 8, 16, 32, 48, 64]

// https://cloud.google.com/compute/docs/general-purpose-machines and …/accelerator-optimized-machines
const shapes: readonly Shape[] = [
  { name: 'e2-micro', cpus: 2, memoryGb: 1, shared: true },
  { name: 'e2-small', cpus: 2, memoryGb: 2, shared: true },
  { name: 'e2-medium', cpus: 2, memoryGb: 4, shared: true },
  ...family('e2', {
    standard: [4, [2, 4, 8, 16, 32]],
    highmem: [8, [2, 4, 8, 16]],
    highcpu: [1, [2, 4, 8, 16, 32]],
  }),
  ...family('n1', { standard: [3.75, [1, 2, 4, 8, 16, 32, 64]] }),
  ...family('n2', { standard: [4, upTo64], highmem: [8, upTo64], highcpu: [1, upTo64] }),
  ...family('n2d', { standard: [4, upTo64], highmem: [8, upTo64], highcpu: [1, upTo64] }),
  ...family('c3', {
    standard: [4, [4, 8, 22, 44]],
    highmem: [8, [4, 8, 22, 44]],
    highcpu: [2, [4, 8, 22, 44]],
  }),
  ...[4, 8, 12, 16, 32].map((cpus) => ({
    name: `g2-standard-${cpus}`,
    cpus,
    memoryGb: cpus * 4,
    gpus: 1,
  })),
  { name: 'g2-standard-24', cpus: 24, memoryGb: 96, gpus: 2 },
  { name: 'g2-standard-48', cpus: 48, memoryGb: 192, gpus: 4 },
]

/** Families that a zone lacks, since not every zone of Google's has every family. */
const lacking: Readonly<Record<string, readonly string[]>> = {
  'us-central1-f': ['g2'],
  'europe-west1-d': ['g2', 'c3'],
  'asia-northeast1-a': ['g2', 'c3', 'n2d'],
}

/** The machine types that a zone offers, by name. */
export function listMachineTypes(project: string, zone: string): readonly MachineType[] {
  const offered = shapes.filter(({ name }) => !lacking[zone]?.includes(name.split('-')[0] ?? ''))
  return offered
    .map((shape) => makeMachineType(project, zone, shape))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Undefined when the zone does not offer it. */
export function findMachineType(project: string, zone: string, name: string): MachineType | undefined {
  return listMachineTypes(project, zone).find((type) => type.name === name)
}

function makeMachineType(project: string, zone: string, shape: Shape): MachineType {
  const gpus = shape.gpus && { guestAcceleratorType: 'nvidia-l4', guestAcceleratorCount: shape.gpus }
  return {
    kind: 'compute#machineType',
    id: String(800000 + shapes.indexOf(shape)),
    creationTimestamp: '1969-12-31T16:00:00.000-08:00',
    name: shape.name,
    description: `${shape.cpus} vCPUs, ${shape.memoryGb} GB RAM`,
    guestCpus: shape.cpus,
    memoryMb: shape.memoryGb * 1024,
    isSharedCpu: shape.shared ?? false,
    architecture: 'X86_64',
    imageSpaceGb: 0,
    maximumPersistentDisks: 128,
    maximumPersistentDisksSizeGb: '263168',
    ...(gpus && { accelerators: [gpus] }),
    zone,
    selfLink: `projects/${project}/zones/${zone}/machineTypes/${shape.name}`,
  }
}
