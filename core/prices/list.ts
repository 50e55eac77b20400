/**
 * What Google asks for machines, in US dollars, without discounts for use or commitment: on-demand, on the day that
 * `listed` says. From the price list of the Cloud Billing Catalog (https://cloud.google.com/compute/vm-instance-pricing)
 * as https://github.com/Cyclenerd/google-cloud-pricing-cost-calculator collects it.
 */
export const listed = '2024-11-07'

/** Of a vCPU and of a GB (2^30 bytes) of memory, for an hour in us-central1. */
interface Rates {
  readonly vcpu: number
  readonly gb: number
  /** GB for a vCPU in the family's shapes. */
  readonly shapes: ReadonlyMap<string, number>
}

const shapes = new Map([
  ['standard', 4],
  ['highmem', 8],
  ['highcpu', 1],
])

export const families: ReadonlyMap<string, Rates> = new Map(
  Object.entries({
    e2: { vcpu: 0.02181159, gb: 0.00292353, shapes },
    n1: {
      vcpu: 0.031611,
      gb: 0.004237,
      shapes: new Map([
        ['standard', 3.75],
        ['highmem', 6.5],
        ['highcpu', 0.9],
      ]),
    },
    n2: { vcpu: 0.031611, gb: 0.004237, shapes },
    n2d: { vcpu: 0.027502, gb: 0.003686, shapes },
    c3: { vcpu: 0.03465, gb: 0.003938, shapes: new Map([...shapes, ['highcpu', 2]]) },
  }),
)

/** Machine types whose name does not say what is billed: shared cores, and a memory of its own. */
export const exceptions: ReadonlyMap<string, { readonly vcpus: number; readonly gb: number }> = new Map(
  Object.entries({
    'e2-micro': { vcpus: 0.25, gb: 1 },
    'e2-small': { vcpus: 0.5, gb: 2 },
    'e2-medium': { vcpus: 1, gb: 4 },
    'n2-highmem-128': { vcpus: 128, gb: 864 },
  }),
)

/** How much more a region asks than us-central1: the same for vCPUs and memory, and for all families but those below. */
export const regions: ReadonlyMap<string, number> = new Map(
  Object.entries({
    'africa-south1': 1.308,
    'asia-east1': 1.1579,
    'asia-east2': 1.3992,
    'asia-northeast1': 1.2842,
    'asia-northeast2': 1.2842,
    'asia-northeast3': 1.2842,
    'asia-south1': 1.2011,
    'asia-south2': 1.2011,
    'asia-southeast1': 1.2337,
    'asia-southeast2': 1.3447,
    'australia-southeast1': 1.419,
    'europe-central2': 1.2884,
    'europe-north1': 1.101,
    'europe-southwest1': 1.18,
    'europe-west1': 1.1,
    'europe-west2': 1.2884,
    'europe-west3': 1.2884,
    'europe-west4': 1.1009,
    'europe-west6': 1.3992,
    'europe-west8': 1.16,
    'europe-west9': 1.16,
    'europe-west10': 1.54,
    'europe-west12': 1.29,
    'me-central1': 1.215,
    'me-central2': 1.6,
    'me-west1': 1.1,
    'northamerica-northeast1': 1.1009,
    'northamerica-northeast2': 1.1009,
    'southamerica-east1': 1.5874,
    'southamerica-west1': 1.43,
    'us-central1': 1,
    'us-east1': 1,
    'us-east4': 1.1263,
    'us-east5': 1,
    'us-south1': 1.18,
    'us-west1': 1,
    'us-west2': 1.2012,
    'us-west3': 1.2012,
    'us-west4': 1.1263,
  }),
)

/** Where a family asks for another share than the rest: by family and region. */
export const familyRegions: ReadonlyMap<string, number> = new Map(
  Object.entries({
    'c3 asia-south1': 1.04,
    'c3 australia-southeast1': 1.25,
    'c3 australia-southeast2': 1.3,
    'c3 europe-west2': 1.14,
    'c3 europe-west3': 1.18,
    'c3 europe-west4': 1.05,
    'c3 us-east4': 1,
  }),
)

/**
 * The price of a spot machine changes with every month, and is at most this share of the on-demand price
 * (https://cloud.google.com/compute/docs/instances/spot: "60-91% discounts").
 */
export const mostOfSpot = 0.4
