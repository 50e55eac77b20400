import { expect, test } from 'vitest'
import { chooseTypes, needsOffers, type Offer } from '../../../core/batch/choices.ts'

const sizes: Readonly<Record<string, readonly [cpus: number, memoryGb: number]>> = {
  'e2-standard-8': [8, 32],
  'e2-highmem-8': [8, 64],
  'e2-highcpu-8': [8, 8],
  'n1-standard-8': [8, 30],
  'n2-standard-8': [8, 32],
  'n2d-standard-8': [8, 32],
  'n2d-highmem-8': [8, 64],
  'c3-standard-8-lssd': [8, 32],
  'c3-standard-22': [22, 88],
  't2a-standard-8': [8, 32],
}

function offer(zone: string, names: readonly string[]): Offer {
  const types = names.map((name) => {
    const [cpus, memoryGb] = sizes[name] as [number, number]
    return { name, cpus, memoryMb: memoryGb * 1024 }
  })
  return { zone, types }
}

const offers = [
  offer('zone-a', Object.keys(sizes)),
  offer('zone-b', ['n1-standard-8', 'n2-standard-8', 'e2-standard-8']),
]
const zones = ['zone-a', 'zone-b']

test.each([
  {
    what: 'CPUs and memory: the smallest of each family that has as many CPUs, cheapest first',
    wish: { cpus: 8, memoryMb: 32 * 1024 },
    chosen: [
      'e2-standard-8 in zone-a, zone-b',
      'n2d-standard-8 in zone-a',
      'n2-standard-8 in zone-a, zone-b',
    ],
  },
  {
    what: 'an old family does where it has the memory that was wished for',
    wish: { cpus: 8, memoryMb: 28 * 1024 },
    chosen: [
      'e2-standard-8 in zone-a, zone-b',
      'n2d-standard-8 in zone-a',
      'n2-standard-8 in zone-a, zone-b',
      'n1-standard-8 in zone-a, zone-b',
    ],
  },
  {
    what: 'what only one zone has is asked for there alone',
    wish: { memoryMb: 64 * 1024 },
    chosen: ['e2-highmem-8 in zone-a', 'n2d-highmem-8 in zone-a'],
  },
  {
    what: 'names: in their order, where there are any of them',
    wish: { types: ['t2a-standard-8', 'n2-standard-8'] },
    chosen: ['t2a-standard-8 in zone-a', 'n2-standard-8 in zone-a, zone-b'],
  },
  {
    what: 'one name: as it is, in every zone',
    wish: { types: ['m1-ultramem-40'] },
    chosen: ['m1-ultramem-40 in zone-a, zone-b'],
  },
])('$what', ({ wish, chosen }) => {
  const choices = chooseTypes({ ...wish, zones }, needsOffers(wish) ? offers : [], 'machine')
  expect(choices.map((choice) => `${choice.type} in ${choice.zones.join(', ')}`)).toEqual(chosen)
})

test('a name among several that no zone has is an error with the nearest', () => {
  const wish = { types: ['n2-standard-8', 'n2d-standart-8'], zones }
  expect(() => chooseTypes(wish, offers, 'batch.yaml:4:3')).toThrow(
    'batch.yaml:4:3: the zone has no machine type "n2d-standart-8". Did you mean "n2d-standard-8"?',
  )
})
