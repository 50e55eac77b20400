import { expect, test } from 'vitest'
import { nameBuilder } from '../../../core/images.ts'
import { nameInstance } from '../../../core/names.ts'
import { planSweep, type Sight } from '../../../core/tasks/sweep/plan.ts'
import type { Disk, ImageRecord, Instance } from '../../../core/world.ts'

const time = Date.UTC(2026, 10, 1)
const now = time / 1000
const ask = { project: 'acme', bucket: 'depot', imageAgeSeconds: 7 * 86_400 }

function see(parts: Partial<Sight>) {
  return planSweep(ask, {
    instances: [],
    disks: [],
    images: [],
    disksOfImages: new Map(),
    unseenZones: [],
    time,
    ...parts,
  })
}

function makeInstance(labels: Record<string, string>): Instance {
  return { name: 'mayfly-m', id: '1', zone: 'z', status: 'RUNNING', labels }
}

function makeDisk(parts: Partial<Disk>): Disk {
  return {
    name: 'mayfly-m',
    id: '2',
    zone: 'z',
    status: 'READY',
    labels: {},
    attached: false,
    touched: 0,
    ...parts,
  }
}

function makeImage(parts: Partial<ImageRecord>): ImageRecord {
  return {
    name: 'ml-batch-v1',
    id: '3',
    selfLink: '',
    labels: { tool: 'mayfly' },
    labelFingerprint: '',
    created: time - 8 * 86_400_000,
    status: 'READY',
    ...parts,
  }
}

test.each([
  ['five minutes past its deadline', String(now - 300), 'stays'],
  ['one second more', String(now - 301), 'goes'],
  ['before its deadline', String(now + 1), 'stays'],
  ['without a deadline', undefined, 'unjudged'],
  ['with an empty one', '', 'unjudged'],
  ['with one in words', 'soon', 'unjudged'],
  ['with one in milliseconds', String(time - 1e9), 'unjudged'],
  ['with a negative one', '-1', 'unjudged'],
])('a machine %s', (_, deadline, fate) => {
  const labels = { tool: 'mayfly', ...(deadline !== undefined && { 'mayfly-deadline': deadline }) }
  const { remove, stay } = see({ instances: [makeInstance(labels)] })
  expect(remove).toHaveLength(fate === 'goes' ? 1 : 0)
  expect(stay.map(({ unjudged }) => unjudged)).toEqual(fate === 'goes' ? [] : [fate === 'unjudged'])
})

test.each([
  ['no labels', {}],
  ['another tool', { tool: 'other', 'mayfly-deadline': '1000000000' }],
  ['a deadline alone', { 'mayfly-deadline': '1000000000' }],
])('what bears %s is in no plan', (_, labels) => {
  const plan = see({
    instances: [makeInstance(labels)],
    disks: [makeDisk({ labels })],
    images: [makeImage({ labels })],
  })
  expect([plan.remove, plan.stay]).toEqual([[], []])
})

test("a job's machine leads to its job too", () => {
  const labels = {
    tool: 'mayfly',
    'mayfly-deadline': String(now - 3600),
    'mayfly-batch': 'train',
    'mayfly-run': 'r1',
    'mayfly-attempt': '2',
    'mayfly-engine': 'cloud-batch',
  }
  expect(see({ instances: [makeInstance(labels)] }).remove).toMatchObject([{ job: 'mayfly-train-r1-a2' }])
})

test("a machine's labels lead to its run", () => {
  const deadline = String(now - 3600)
  const labels = { tool: 'mayfly', 'mayfly-deadline': deadline, 'mayfly-batch': 'train', 'mayfly-run': 'r1' }
  const run = see({ instances: [makeInstance({ ...labels, 'mayfly-attempt': '2' })] })
  expect(run.remove).toEqual([
    {
      kind: 'machine',
      name: 'mayfly-m',
      zone: 'z',
      id: '1',
      overdueSeconds: 3600,
      attempt: { run: 'runs/train/r1', number: 2 },
    },
  ])
  expect(see({ instances: [makeInstance(labels)] }).remove[0]).not.toHaveProperty('attempt')
})

const over = { tool: 'mayfly', 'mayfly-deadline': String(now - 3600) }
const builder = nameBuilder('ml-batch-v1')

test.each<[string, Partial<Disk>, string]>([
  ['past its deadline', { labels: over }, 'goes'],
  ['past it, and attached', { labels: over, attached: true }, 'unsaid'],
  ['of a build, and untouched for an hour', { labels: { ...over, 'mayfly-build': 'i' } }, 'goes'],
  [
    'of a build that may be made into an image',
    { labels: { ...over, 'mayfly-build': 'i' }, touched: time - 3_599_000 },
    'stays',
  ],
  ['without labels, of a builder, a day old', { name: builder, touched: time - 86_400_000 - 1000 }, 'goes'],
  ['without labels, of a builder, younger', { name: builder, touched: time - 86_400_000 }, 'stays'],
  ['without labels, of a builder that has it', { name: builder, attached: true }, 'unsaid'],
  [
    'without labels, of a run of a batch that is called build',
    { name: nameInstance('build', '0123456789abcdef', 1) },
    'unsaid',
  ],
])('a disk %s', (_, parts, fate) => {
  const { remove, stay } = see({ disks: [makeDisk(parts)] })
  expect([remove.length, stay.length]).toEqual([Number(fate === 'goes'), Number(fate === 'stays')])
})

test.each<[string, Partial<ImageRecord>, Partial<Sight>, string]>([
  ['in no family', {}, {}, 'goes'],
  ['in a family', { family: 'ml-batch' }, {}, 'unsaid'],
  ['that is young', { created: time - 86_400_000 }, {}, 'stays'],
  ['from which a disk was made', {}, { disksOfImages: new Map([['3', [makeDisk({})]]]) }, 'stays'],
  ['from which an unseen disk may have been made', {}, { unseenZones: ['z'] }, 'stays'],
  ['that is being deleted', { status: 'DELETING' }, {}, 'unsaid'],
])('an image %s', (_, parts, sight, fate) => {
  const { remove, stay } = see({ images: [makeImage(parts)], ...sight })
  expect([remove.length, stay.length]).toEqual([Number(fate === 'goes'), Number(fate === 'stays')])
})

test('an image goes with the machine that has a disk of it, and stays for another', () => {
  const images = [makeImage({})]
  const instances = [makeInstance(over)]
  const [own, other] = [makeDisk({ labels: over, attached: true }), makeDisk({ name: 'database' })]
  const lone = see({ images, instances, disks: [own], disksOfImages: new Map([['3', [own]]]) })
  expect(lone.remove.map(({ kind }) => kind)).toEqual(['machine', 'image'])
  const shared = see({ images, instances, disks: [own], disksOfImages: new Map([['3', [own, other]]]) })
  expect([shared.remove.length, shared.stay.length]).toEqual([1, 1])
})

test('an image that failed its smoke batch is kept for a look, and its end is told', () => {
  const labels = { tool: 'mayfly', 'mayfly-smoke': 'failed-user' }
  expect(see({ images: [makeImage({ labels, created: time - 86_400_000 })] }).stay[0]?.why).toBe(
    'it did not pass its smoke batch (failed-user); deleted after 2026-11-07T00:00:00.000Z',
  )
})
