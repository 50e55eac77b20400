import { localBucket } from '../local/environment.ts'

/** What the local cloud itself says, beside what Mayfly says of it. */
export interface Witness {
  /** Machines that were ever asked for and granted. */
  countInserts(): Promise<number>
  /** Machines and disks that are there now. */
  countLeft(): Promise<{ readonly machines: number; readonly disks: number }>
  /** The generation of an object: another one would mean that it was written again. */
  readGeneration(name: string): Promise<string>
  readJson<Value>(name: string): Promise<Value>
}

export function openWitness(url: string): Witness {
  const get = async <Value>(path: string): Promise<Value> => {
    const response = await fetch(url + path)
    if (!response.ok) throw new Error(`The local cloud answered ${response.status} for ${path}.`)
    return (await response.json()) as Value
  }
  const objectPath = (name: string) => `/storage/v1/b/${localBucket}/o/${encodeURIComponent(name)}`
  return {
    async countInserts() {
      const requests = await get<readonly { name: string; status?: number }[]>('/_mayfly/requests')
      return requests.filter(({ name, status }) => name === 'compute.instances.insert' && status === 200)
        .length
    },
    async countLeft() {
      const left = await get<{ instances: readonly unknown[]; disks: readonly unknown[] }>('/_mayfly/compute')
      return { machines: left.instances.length, disks: left.disks.length }
    },
    readGeneration: async (name) => (await get<{ generation: string }>(objectPath(name))).generation,
    readJson: (name) => get(`${objectPath(name)}?alt=media`),
  }
}
