import { expect, test } from 'vitest'
import {
  explainPrice,
  formatPrice,
  type Hire,
  type Price,
  priceAtMost,
  priceHires,
} from '../../../core/prices/estimate.ts'
import { makeRun } from '../protocol/virtual.ts'

const anHour = (type: string, zone = 'us-central1-a', spot = false): Hire => ({
  type,
  zone,
  spot,
  seconds: 3600,
})

/** Dollars an hour, as Google's price list says them for whole machines. */
const listedPrices: readonly (readonly [type: string, zone: string, usd: number])[] = [
  ['e2-standard-2', 'us-central1-a', 0.06701142],
  ['e2-medium', 'us-central1-f', 0.03350571],
  ['e2-highcpu-8', 'asia-northeast1-b', 0.25412424],
  ['e2-highmem-16', 'europe-west1-d', 0.79555344],
  ['n1-standard-1', 'us-east1-b', 0.04749975],
  ['n2-standard-8', 'us-central1-a', 0.388472],
  ['n2d-standard-2', 'us-west1-a', 0.084492],
  ['c3-standard-4', 'europe-west4-a', 0.2116884],
  ['c3-standard-22', 'southamerica-west1-a', 1.58564692],
  ['c3-highcpu-88', 'us-east4-c', 3.742288],
]

test.each(listedPrices)(
  '%s in %s costs what the list says, within a part in a hundred',
  (type, zone, usd) => {
    const price = priceHires([anHour(type, zone)]) as Price
    expect(price.amount / usd).toBeGreaterThan(0.99)
    expect(price.amount / usd).toBeLessThan(1.01)
    expect(price).toMatchObject({ currency: 'USD', atMost: false, listed: '2024-11-07' })
  },
)

test.each([
  ['a2-highgpu-1g', 'us-central1-a'],
  ['n2-custom-4-8192', 'us-central1-a'],
  ['c3-standard-4-lssd', 'us-central1-a'],
  ['n2-standard', 'us-central1-a'],
  ['constructor-standard-2', 'us-central1-a'],
  ['n2-constructor-2', 'us-central1-a'],
  ['n2-standard-8', 'mars-north1-a'],
  ['e2-standard-2', 'australia-southeast2-a'],
])('%s in %s is not on the list, and is said to be unknown', (type, zone) => {
  expect(priceHires([anHour(type, zone)])).toEqual({ unknown: `the price list has no ${type} in ${zone}` })
})

test('all machines of a run are added up, a minute each at least, and one spot machine makes it a bound', () => {
  const short = { ...anHour('n2-standard-8'), seconds: 5 }
  expect(priceHires([short])).toMatchObject({ amount: 0.006475, perHour: 0.388472, atMost: false })
  expect(priceHires([anHour('n2-standard-8', 'us-central1-a', true), short])).toMatchObject({
    amount: 0.161863,
    perHour: 0.388472,
    atMost: true,
  })
  expect(priceHires([])).toBeUndefined()
  expect(priceHires([short, { ...short, seconds: undefined }])).toEqual({
    unknown: 'nobody measured how long the n2-standard-8 ran',
  })
})

test('a run may cost every attempt on the dearest of its choices, until its end after the timeout', () => {
  const machine = {
    type: 'n2-standard-8',
    zones: ['us-central1-a', 'us-west2-a'],
    spot: true,
    externalIp: true,
  }
  const run = makeRun({ machine, attempts: 3, timeoutSeconds: 7200 })
  expect(priceAtMost(run)).toMatchObject({ amount: 1.14325, perHour: 0.186653, atMost: true })

  const otherwise = [{ type: 'n2-standard-8', zones: ['us-central1-a'], spot: false }]
  expect(priceAtMost({ ...run, machine: { ...machine, otherwise } })).toMatchObject({
    amount: 2.379391,
    perHour: 0.388472,
  })
  const unlisted = [{ type: 'a2-highgpu-1g', zones: ['us-central1-a'], spot: false }]
  expect(priceAtMost({ ...run, machine: { ...machine, otherwise: unlisted } })).toEqual({
    unknown: 'the price list has no a2-highgpu-1g in us-central1-a',
  })
})

test('a price for people has cents, and more digits only where cents say nothing', () => {
  const price: Price = {
    currency: 'USD',
    amount: 12.3456,
    atMost: false,
    perHour: 0.388472,
    listed: '2024-11-07',
  }
  expect(explainPrice(price)).toBe(
    "about $12.35 ($0.39 an hour; an estimate from vCPUs and memory at Google's list prices of 2024-11-07)",
  )
  const format = (amount: number, atMost = false) => formatPrice({ ...price, amount, atMost })
  expect([0.1, 0.0996, 0.0512, 0.05, 0.00618, 0.00006].map((amount) => format(amount))).toEqual(
    ['$0.10', '$0.10', '$0.051', '$0.05', '$0.0062', '$0.00006'].map((text) => `about ${text}`),
  )
  expect(format(3, true)).toBe('at most $3.00')
  expect(explainPrice({ unknown: 'why' })).toBe('unknown: why')
})
