import type { Context } from '../../host.ts'
import { linkInstances, linkJob } from '../../notify/console.ts'
import type { Notice } from '../../notify/message.ts'
import type { Fact } from '../../table.ts'
import type { Removal } from './removal.ts'
import { countKinds, describeStuck } from './report.ts'

const most = 20

/** A sweep as news; undefined for one that found nothing to remove. */
export function describeSweep(
  project: string,
  removals: readonly Removal[],
  { link }: Context,
): Notice | undefined {
  if (removals.length === 0) return undefined
  const removed = removals.filter(({ gone }) => gone)
  const stuck = removals.filter(({ gone }) => !gone)
  const mark = stuck.length === 0 ? '✔' : '⚠'
  const still = stuck.length === 0 ? '' : `, could not remove ${countKinds(stuck)}`
  return {
    title: `${mark} Sweep of ${project}: removed ${countKinds(removed) || 'nothing'}${still}`,
    detail: stuck.slice(0, most).map(describeStuck).join('\n'),
    facts: listFacts(removed),
    links: [...linkJob(link), linkInstances('machines', project)],
  }
}

function listFacts(removed: readonly Removal[]): readonly Fact[] {
  return [...Map.groupBy(removed, ({ kind }) => kind)].map(([kind, all]) => {
    const names = all.slice(0, most).map(({ name }) => name)
    return [
      `Removed ${kind}s`,
      [...names, ...(all.length > most ? [`and ${all.length - most} more`] : [])].join('\n'),
    ]
  })
}
