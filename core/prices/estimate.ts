import { listChoices } from '../protocol/choices.ts'
import type { RunRecord } from '../protocol/records.ts'
import { exceptions, families, familyRegions, listed, mostOfSpot, regions } from './list.ts'

/** What machines cost, or may cost: their vCPUs and memory, without disks, addresses and traffic. */
export interface Price {
  readonly currency: 'USD'
  readonly amount: number
  /** The amount is a bound: the machine is a spot machine, or its time is not over. */
  readonly atMost: boolean
  /** Of the one machine, or of the dearest of those that may be had. */
  readonly perHour: number
  /** The day of the list. */
  readonly listed: string
}

/** Why there is no estimate. */
export interface NoPrice {
  readonly unknown: string
}

/** A machine that was had. */
export interface Hire {
  readonly type: string
  readonly zone: string
  readonly spot: boolean
  /** Undefined when nobody was there to measure it. */
  readonly seconds: number | undefined
}

/** What machines have cost, the last one's price by the hour being told. */
export function priceHires(hires: readonly Hire[]): Price | NoPrice | undefined {
  let amount = 0
  let perHour = 0
  for (const { type, zone, spot, seconds } of hires) {
    const hour = priceHour(type, zone, spot)
    if (hour === undefined) return missing(type, zone)
    if (seconds === undefined) return { unknown: `nobody measured how long the ${type} ran` }
    perHour = hour
    amount += (hour * Math.max(leastSeconds, seconds)) / 3600
  }
  if (hires.length === 0) return undefined
  return writePrice(
    amount,
    perHour,
    hires.some(({ spot }) => spot),
  )
}

/** How long after its deadline Compute Engine may still bill for a machine: 30 s until it acts, and 120 s to shut down. */
const leewaySeconds = 150

/** What a run may cost at most: every attempt, of every task, on the dearest of its choices, and until the timeout. */
export function priceAtMost(
  run: Pick<RunRecord, 'machine' | 'attempts' | 'timeoutSeconds' | 'tasks'>,
): Price | NoPrice {
  let dearest = 0
  for (const { type, zones, spot } of listChoices(run)) {
    for (const zone of zones) {
      const hour = priceHour(type, zone, spot)
      if (hour === undefined) return missing(type, zone)
      dearest = Math.max(dearest, hour)
    }
  }
  const machines = run.attempts * (run.tasks?.count ?? 1)
  return writePrice((dearest * (run.timeoutSeconds + leewaySeconds) * machines) / 3600, dearest, true)
}

/** Google bills a minute at least (https://cloud.google.com/compute/vm-instance-pricing#billingmodel). */
const leastSeconds = 60

/** Dollars for an hour; of a spot machine, at most. */
function priceHour(type: string, zone: string, spot: boolean): number | undefined {
  const [family = '', shape = '', count = '', ...more] = type.split('-')
  const rates = families.get(family)
  const region = zone.replace(/-[a-z]$/, '')
  const share = familyRegions.get(`${family} ${region}`) ?? regions.get(region)
  const memory = rates?.shapes.get(shape)
  if (rates === undefined || share === undefined) return undefined
  // A local SSD or GPUs come at prices of their own, and custom types at a premium.
  const plain = more.length === 0 && /^\d+$/.test(count) && memory !== undefined
  const size =
    exceptions.get(type) ?? (plain ? { vcpus: Number(count), gb: Number(count) * memory } : undefined)
  if (size === undefined) return undefined
  return (size.vcpus * rates.vcpu + size.gb * rates.gb) * share * (spot ? mostOfSpot : 1)
}

function missing(type: string, zone: string): NoPrice {
  return { unknown: `the price list has no ${type} in ${zone}` }
}

function writePrice(amount: number, perHour: number, atMost: boolean): Price {
  return { currency: 'USD', amount: roundUsd(amount), atMost, perHour: roundUsd(perHour), listed }
}

/** A millionth of a dollar is fine enough for anyone. */
function roundUsd(amount: number): number {
  return Math.round(amount * 1e6) / 1e6
}

/** `about $0.08`, `at most $1.20`, `unknown: …`, in one line without the rest. */
export function formatPrice(price: Price | NoPrice): string {
  if ('unknown' in price) return `unknown: ${price.unknown}`
  return `${price.atMost ? 'at most' : 'about'} ${formatUsd(price.amount)}`
}

/** The same with what it is made of. */
export function explainPrice(price: Price | NoPrice): string {
  if ('unknown' in price) return formatPrice(price)
  const basis = `vCPUs and memory at Google's list prices of ${price.listed}`
  return `${formatPrice(price)} (${formatUsd(price.perHour)} an hour; an estimate from ${basis})`
}

/** Cents, and below ten of them two digits that say something. */
function formatUsd(amount: number): string {
  if (amount >= 0.0995) return `$${amount.toFixed(2)}`
  return `$${Number(amount.toPrecision(2))
    .toFixed(amount >= 0.01 ? 3 : 5)
    .replace(/0+$/, '')}`
}
