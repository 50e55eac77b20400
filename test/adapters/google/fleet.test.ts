import { expect, test } from 'vitest'
import { openFleet } from '../../../adapters/google/fleet.ts'
import type { Fleet } from '../../../core/world.ts'
import { startEmulator } from '../../../emulator/index.ts'
import { openImpatient } from './bucket.ts'
import { answer, refuse, startHostileServer } from './hostile-server.ts'

const date = 'Sun, 01 Nov 2026 00:00:00 GMT'
const time = Date.UTC(2026, 10, 1)

function openTestFleet(endpoint: string): Fleet {
  return openFleet('acme', { endpoint, transport: openImpatient() })
}

test('disks of every zone are found by label or by name, at the time of the cloud', async () => {
  await using google = await startEmulator({ now: () => time })
  const fleet = openTestFleet(google.url)
  const add = async (zone: string, name: string, labels = {}) => {
    const body = JSON.stringify({ name, labels, sizeGb: '10' })
    await fetch(`${google.url}/compute/v1/projects/acme/zones/${zone}/disks`, { method: 'POST', body })
  }
  await add('us-central1-a', 'mayfly-build-x')
  await add('europe-west1-b', 'other', { tool: 'mayfly' })
  await add('europe-west1-b', 'not-mayfly-build-x', { tool: 'mayfly-2' })

  const disk = {
    name: 'other',
    zone: 'europe-west1-b',
    labels: { tool: 'mayfly' },
    attached: false,
    touched: time,
  }
  expect(await fleet.disks('tool', 'mayfly')).toMatchObject({ items: [disk], unseenZones: [], time })
  expect((await fleet.disksNamed('mayfly-build-')).items).toMatchObject([
    { name: 'mayfly-build-x', zone: 'us-central1-a', labels: {} },
  ])
  expect(await fleet.disk('europe-west1-b', 'other')).toMatchObject(disk)
  expect(await fleet.disk('europe-west1-b', 'none')).toBeUndefined()
  expect(google.unknown()).toEqual([])
})

test('every page is read, and a zone that is missing from any of them is told', async () => {
  const instance = (name: string) => ({ id: '1', name, status: 'RUNNING' })
  const empty = { warning: { code: 'NO_RESULTS_ON_PAGE' } }
  const lost = { warning: { code: 'UNREACHABLE' } }
  const first = {
    items: { 'zones/a': { instances: [instance('m1')] }, 'zones/b': empty, 'zones/c': lost },
    nextPageToken: 'more',
  }
  const second = {
    items: { 'zones/a': empty, 'zones/b': { instances: [instance('m2')] } },
    unreachables: ['projects/acme/zones/d'],
    warning: { code: 'UNREACHABLE', data: [{ key: 'scope', value: 'zones/e' }] },
  }
  await using server = await startHostileServer(
    answer(200, first, { date }),
    answer(200, second, { date: 'Sun, 01 Nov 2026 00:01:00 GMT' }),
  )

  expect(await openTestFleet(server.url).instances('tool', 'mayfly')).toEqual({
    items: [
      { id: '1', name: 'm1', zone: 'a', status: 'RUNNING', labels: {} },
      { id: '1', name: 'm2', zone: 'b', status: 'RUNNING', labels: {} },
    ],
    unseenZones: ['c', 'd', 'e'],
    time,
  })
  expect(server.seen).toEqual([
    'GET /compute/v1/projects/acme/aggregated/instances?filter=labels.tool%3Dmayfly&maxResults=500&returnPartialSuccess=true',
    expect.stringMatching(/&pageToken=more$/),
  ])
})

test('a list whose time is unknown is no list', async () => {
  await using server = await startHostileServer(answer(200, { items: {} }, { date: 'yesterday' }))
  await expect(openTestFleet(server.url).instances('tool', 'mayfly')).rejects.toThrow(
    'compute.instances.aggregatedList: the answer has no readable Date header (yesterday)',
  )
})

test('a list that is refused names the permission', async () => {
  await using server = await startHostileServer(refuse(403, 'forbidden'))
  await expect(openTestFleet(server.url).disks('tool', 'mayfly')).rejects.toThrow(
    /disks of project acme.*needs compute\.disks\.list, as in roles\/compute\.viewer/,
  )
})
