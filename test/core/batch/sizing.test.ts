import { expect, test } from 'vitest'
import { chooseMachineType } from '../../../core/batch/sizing.ts'
import { InputError } from '../../../core/errors.ts'

const gb = 1024

/** As Compute Engine lists them, in no order. */
const types = [
  ['t2a-standard-4', 4, 16],
  ['c3-standard-4', 4, 16],
  ['n2-standard-4', 4, 16],
  ['n2d-standard-4', 4, 16],
  ['e2-standard-4', 4, 16],
  ['e2-highmem-4', 4, 32],
  ['e2-highcpu-4', 4, 4],
  ['e2-medium', 2, 4],
  ['e2-standard-2', 2, 8],
  ['n1-standard-8', 8, 30],
  ['n2-standard-8', 8, 32],
  ['c3-standard-8-lssd', 8, 32],
  ['a2-highgpu-1g', 12, 85],
  ['n2d-highmem-16', 16, 128],
  ['c3-standard-22', 22, 88],
  ['c3-highcpu-192-metal', 192, 512],
  ['m1-ultramem-40', 40, 961],
].map(([name, cpus, memory]) => ({
  name: name as string,
  cpus: cpus as number,
  memoryMb: (memory as number) * gb,
}))

test.each([
  { wish: { cpus: 1 }, chosen: 'e2-standard-2' },
  { wish: { cpus: 3 }, chosen: 'e2-highcpu-4' },
  { wish: { cpus: 4, memoryMb: 16 * gb }, chosen: 'e2-standard-4' },
  { wish: { memoryMb: 20 * gb }, chosen: 'e2-highmem-4' },
  { wish: { cpus: 8, memoryMb: 32 * gb }, chosen: 'n2-standard-8' },
  { wish: { cpus: 12, memoryMb: 85 * gb }, chosen: 'n2d-highmem-16' },
  { wish: { type: 'e2-medium' }, chosen: 'e2-medium' },
  { wish: { type: 'a2-highgpu-1g' }, chosen: 'a2-highgpu-1g' },
])('$wish: $chosen', ({ wish, chosen }) => {
  expect(chooseMachineType(wish, types).name).toBe(chosen)
})

test.each([
  ['e2-standard-4', ['e2-standard-4', 'n2d-standard-4', 'n2-standard-4', 'c3-standard-4']],
  ['n2d-standard-4', ['n2d-standard-4', 'n2-standard-4', 'c3-standard-4']],
  ['n2-standard-4', ['n2-standard-4', 'c3-standard-4']],
])('of one size, %s comes first', (first, offered) => {
  const some = types.filter(({ name }) => offered.includes(name))
  expect(chooseMachineType({ cpus: 4 }, some).name).toBe(first)
  expect(chooseMachineType({ cpus: 4 }, some.toReversed()).name).toBe(first)
})

test.each([
  {
    wish: { cpus: 32, memoryMb: 64 * gb },
    message:
      'the zone has no machine type with 32 CPUs and 64GB or more. Nearest: c3-standard-22 (22 CPUs and 88GB), ' +
      'n2d-highmem-16 (16 CPUs and 128GB), n2-standard-8 (8 CPUs and 32GB). Other families can be had by name, with type.',
  },
  {
    wish: { memoryMb: 1.5 * gb * gb },
    message:
      'the zone has no machine type with 1536GB or more. Nearest: n2d-highmem-16 (16 CPUs and 128GB), ' +
      'c3-standard-22 (22 CPUs and 88GB), e2-highmem-4 (4 CPUs and 32GB). Other families can be had by name, with type.',
  },
  {
    wish: { type: 'n2-standad-8' },
    message: 'the zone has no machine type "n2-standad-8". Did you mean "n2-standard-8"?',
  },
])('$wish cannot be had', ({ wish, message }) => {
  expect(() => chooseMachineType(wish, types, 'batch.yaml:3:1')).toThrow(
    new InputError([{ where: 'batch.yaml:3:1', message }]),
  )
})

test('a zone without any type for us names none', () => {
  expect(() => chooseMachineType({ cpus: 1 }, [])).toThrow(
    'machine: the zone has no machine type with 1 CPUs or more. Other families can be had by name, with type.',
  )
})
