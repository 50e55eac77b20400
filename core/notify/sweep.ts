import type { Context } from '../host.ts'
import type { Fact } from '../table.ts'
import { linkJob } from './console.ts'
import type { Notice } from './message.ts'

/** A leftover as people know it. */
interface Leftover {
  /** `machine`, `disk` or `image`. */
  readonly kind: string
  readonly name: string
  readonly zone?: string
  /** Why it is still there. */
  readonly why?: string
}

/** What a sweep did that people should hear of. */
export interface SweepNews {
  readonly project: string
  readonly removed: readonly Leftover[]
  /** What should be gone, and is not. */
  readonly stuck: readonly Leftover[]
}

const most = 20

/** A sweep as news; undefined for one that found nothing to remove. */
export function describeSweep({ project, removed, stuck }: SweepNews, { link }: Context): Notice | undefined {
  if (removed.length + stuck.length === 0) return undefined
  const mark = stuck.length === 0 ? '✔' : '⚠'
  const still = stuck.length === 0 ? '' : `, could not remove ${count(stuck)}`
  return {
    title: `${mark} Sweep of ${project}: removed ${count(removed)}${still}`,
    detail: stuck.slice(0, most).map(describeStuck).join('\n'),
    facts: listFacts(removed),
    links: [
      ...linkJob(link),
      { label: 'machines', url: `https://console.cloud.google.com/compute/instances?project=${project}` },
    ],
  }
}

function describeStuck({ kind, name, zone, why }: Leftover): string {
  return `The ${kind} ${name}${zone === undefined ? '' : ` in ${zone}`} is still there: ${why ?? 'nobody knows why'}`
}

function listFacts(removed: readonly Leftover[]): readonly Fact[] {
  return [...Map.groupBy(removed, ({ kind }) => kind)].map(([kind, all]) => {
    const names = all.slice(0, most).map(({ name }) => name)
    return [
      `Removed ${kind}s`,
      [...names, ...(all.length > most ? [`and ${all.length - most} more`] : [])].join('\n'),
    ]
  })
}

function count(things: readonly Leftover[]): string {
  const kinds = [...Map.groupBy(things, ({ kind }) => kind)]
  if (kinds.length === 0) return 'nothing'
  return kinds.map(([kind, { length }]) => `${length} ${kind}${length === 1 ? '' : 's'}`).join(', ')
}
