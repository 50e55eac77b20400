import { runPath } from '../../depot.ts'
import type { Context } from '../../host.ts'
import { linkJob, linkObjects } from '../../notify/console.ts'
import type { Notice } from '../../notify/message.ts'
import type { Finding } from './plan.ts'
import { describeSuccess, listTroubles, titleChecks } from './report.ts'

/** Findings as one piece of news: what is not well first, and what is well again. */
export function describeChecks(findings: readonly Finding[], bucket: string, { link }: Context): Notice {
  const unwell = findings.filter(({ well }) => !well)
  const again = findings.filter(({ well }) => well).map(({ batch }) => batch)
  const recovered = `✔ ${again.join(', ')} recovered`
  return {
    title: unwell.length === 0 ? recovered : titleUnwell(unwell),
    detail: [
      ...unwell.flatMap(listTroubles),
      ...(unwell.length > 0 && again.length > 0 ? [recovered] : []),
    ].join('\n'),
    facts: findings.map((finding) => [finding.batch, describeSuccess(finding)] as const),
    links: [
      ...linkJob(link),
      ...findings.map(({ batch }) => linkObjects(`runs of ${batch}`, `gs://${bucket}/${runPath(batch, '')}`)),
    ],
  }
}

/** Those that nobody has to be told of are not counted. */
function titleUnwell(unwell: readonly Finding[]): string {
  const [only] = unwell
  if (unwell.length === 1 && only !== undefined) return titleChecks([only])
  return `✘ ${unwell.length} batches are not well: ${unwell.map(({ batch }) => batch).join(', ')}`
}
