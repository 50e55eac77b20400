import { expect, test } from 'vitest'
import { readFilter } from '../../emulator/compute/filter.ts'
import { startEmulator } from '../../emulator/index.ts'
import { type Calls, machine, openCalls, type Resource, zone } from './compute-calls.ts'

const vm = {
  name: 'vm-1',
  status: 'RUNNING',
  guestCpus: 8,
  labels: { run: 'r-1', tool: 'mayfly' },
  zone: 'projects/p/zones/us-central1-a',
}

test.each([
  ['', true],
  ['name=vm-1', true],
  ['name = "vm-1"', true],
  ['name = vm-*', true],
  ['name=vm', false],
  ['name != vm-2', true],
  ['status=RUNNING AND labels.run=r-1', true],
  ['status=RUNNING AND labels.run=r-2', false],
  ['(status = TERMINATED) OR (labels.tool = mayfly)', true],
  ['name = vm-1 OR name = vm-2 AND status = TERMINATED', false],
  ['labels.run:* labels.tool:may', true],
  ['labels.none:*', false],
  ['NOT labels.none:*', true],
  ['labels."run" = "r-1"', true],
  ['guestCpus >= 8 AND guestCpus < 16', true],
  ['guestCpus > 8', false],
  ['name eq vm-.*', true],
  ['name ne vm', true],
  ['name eq vm', false],
  ['zone = us-central1-a', true],
  ['zone = central1-a', false],
])('the filter %j of a list is %j of an instance', (filter, expected) => {
  expect(readFilter(filter)(vm)).toBe(expected)
})

test.each(['name', 'name =', '(name = a', 'name = a )', '= a', 'name ~ a', 'name eq ('])(
  'the filter %j is none',
  (filter) => {
    expect(() => readFilter(filter)).toThrow(`Invalid value for field 'filter': '${filter}'.`)
  },
)

async function fill(calls: Calls, names: readonly string[], zones: readonly string[]) {
  const inserts = zones.flatMap((place) =>
    names.map(async (name) => {
      const body = { machineType: `${place}/machineTypes/e2-small`, labels: { in: name } }
      return calls.done(await calls.post(`/${place}/instances`, machine(name, undefined, body)))
    }),
  )
  await Promise.all(inserts)
}

test('a list comes in pages, in order of names or the newest first', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await fill(calls, ['c', 'a', 'e', 'b', 'd'], [zone])
  const readAll = async (query: string) => {
    const pages: string[][] = []
    let token: string | undefined = ''
    while (token !== undefined) {
      const page: Resource = (await calls.get(`/${zone}/instances?maxResults=2&pageToken=${token}${query}`))
        .json
      pages.push((page.items ?? []).map(({ name }) => name))
      token = page.nextPageToken
    }
    return pages
  }
  expect(await readAll('')).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  expect(await readAll('&filter=labels.in%3De')).toEqual([['e']])
  const newest = [...emulator.compute.instances()].sort((a, b) => Number(b.id) - Number(a.id))
  expect((await readAll('&orderBy=creationTimestamp%20desc')).flat()).toEqual(newest.map(({ name }) => name))
  expect((await calls.get(`/${zone}/instances?maxResults=501`)).status).toBe(400)
  expect((await calls.get('/zones/us-central1-b/instances')).json).not.toHaveProperty('items')
})

test('an aggregated list names every zone, and says which it could not ask', async () => {
  await using emulator = await startEmulator()
  const calls = openCalls(emulator.url)
  await fill(calls, ['vm'], [zone, 'zones/europe-west1-b'])
  const path = '/aggregated/instances'
  const read = async (query: string) =>
    (await calls.get(`${path}${query}`)).json as unknown as {
      items: Record<string, { instances?: Resource[]; warning?: { code: string } }>
      unreachables?: string[]
      nextPageToken?: string
    }
  const all = await read('')
  const zones = (await calls.get('/zones')).json.items ?? []
  expect(Object.keys(all.items).sort()).toEqual(zones.map(({ name }) => `zones/${name}`))
  expect(all.items['zones/europe-west1-b']?.instances).toMatchObject([{ name: 'vm' }])
  expect(all.items['zones/europe-west1-c']?.warning?.code).toBe('NO_RESULTS_ON_PAGE')

  const first = await read('?maxResults=1')
  expect(first.items[zone]?.warning?.code).toBe('NO_RESULTS_ON_PAGE')
  const second = await read(`?maxResults=1&pageToken=${first.nextPageToken}`)
  expect(second.items[zone]?.instances).toMatchObject([{ name: 'vm' }])
  expect(second.nextPageToken).toBeUndefined()

  emulator.compute.unreachable('europe-west1-b')
  expect((await calls.get(path)).status).toBe(503)
  const partial = await read('?returnPartialSuccess=true')
  expect(partial.items['zones/europe-west1-b']).toMatchObject({ warning: { code: 'UNREACHABLE' } })
  expect(partial.items['zones/europe-west1-b']).not.toHaveProperty('instances')
  expect(partial.unreachables).toEqual(['zones/europe-west1-b'])
})
