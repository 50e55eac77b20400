import { between, pick, type Random } from './random.ts'

/** What may happen to one request. A 5xx is to its sender what a lost connection is: nobody knows. */
export const faults = [
  /** Never arrives; its sender hears of it at once. */
  'lost',
  /** Has its effect; the answer is lost. */
  'answer-lost',
  /** Refused for the rate, as 403 rateLimitExceeded or 429. */
  'throttled',
  /** Never arrives, and its sender waits until its own deadline. */
  'hung',
  /** Its sender waits until its own deadline, and then it has its effect. */
  'late',
  /** Has its effect twice, the second time late. */
  'doubled',
] as const
export type Fault = (typeof faults)[number]

export type Service = 'storage' | 'compute'

/** Decides about a request of an actor: the `index`-th of all that it sends. */
export type FaultPlan = (actor: string, index: number, now: number, service: Service) => Fault | undefined

/** A time in which requests of an actor share a fate: a network that is cut, or one of Google's services that is down. */
export interface Outage {
  /** Absent: everybody's. */
  readonly actor?: string
  readonly services: readonly Service[]
  readonly from: number
  readonly to: number
  readonly fault: Fault
}

/** Faults by chance until `calm`, from where on everything works. */
export function planFaults(
  random: Random,
  { rate, calm, outages }: { rate: number; calm: number; outages: readonly Outage[] },
): FaultPlan {
  return (actor, _, now, service) => {
    if (now >= calm) return undefined
    const outage = outages.find(
      (each) =>
        (each.actor ?? actor) === actor &&
        now >= each.from &&
        now < each.to &&
        each.services.includes(service),
    )
    if (outage !== undefined) return outage.fault
    return random() < rate ? pick(random, faults) : undefined
  }
}

/** An outage somewhere in the beginning of a story: of one actor's network, or of a service for everybody. */
export function planOutage(random: Random, begin: number, actor?: string): Outage {
  const from = begin + between(random, 0, 180_000)
  const fault = pick(random, ['lost', 'answer-lost', 'hung'] as const)
  if (actor === undefined) {
    const services = [pick(random, ['storage', 'compute'] as const)]
    return { services, from, to: from + between(random, 400_000, 1_000_000), fault }
  }
  const services = pick(random, [['storage', 'compute'], ['storage'], ['compute']] as const)
  return { actor, services, from, to: from + between(random, 10_000, 900_000), fault }
}

/** Exactly these faults, for requests of one actor. */
export function scriptFaults(actor: string, script: ReadonlyMap<number, Fault>): FaultPlan {
  return (name, index) => (name === actor ? script.get(index) : undefined)
}
