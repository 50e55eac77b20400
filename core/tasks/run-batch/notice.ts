import type { Context } from '../../host.ts'
import { linkJob, linkObjects } from '../../notify/console.ts'
import type { Notice } from '../../notify/message.ts'
import { formatPrice } from '../../prices/estimate.ts'
import { formatDuration } from '../../units.ts'
import type { News } from './news.ts'
import type { Outcome } from './outcome.ts'
import { describeClasses } from './report-tasks.ts'

/** An outcome as news. */
export function describeNews(
  { what, since }: News,
  outcome: Outcome,
  bucket: string,
  { link }: Context,
): Notice {
  const {
    batch,
    run,
    state,
    message,
    machine,
    code,
    step,
    tasks,
    attempt,
    phases,
    outputs,
    leftover,
    price,
  } = outcome
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0)
  return {
    title: `${writeTitle(what, outcome)}${seconds === 0 ? '' : ` in ${formatDuration(seconds)}`}`,
    detail: [...(state === 'succeeded' ? [] : [message]), ...describeLeftover(leftover)].join('\n'),
    facts: [
      ['Run', `${batch}/${run.split('/').at(-1)}, attempt ${attempt}`],
      ...(tasks === undefined ? [] : [['Tasks', `${tasks.count}: ${describeClasses(tasks)}`] as const]),
      ['Machine', [machine.type, machine.zone, machine.image].filter(Boolean).join(', ')],
      ...(code === undefined ? [] : [['Code', `${code.name}@${code.tag}`] as const]),
      ...(step === undefined || state === 'succeeded' ? [] : [['Step', step] as const]),
      ...(price === undefined ? [] : [['Price', formatPrice(price)] as const]),
      ...(since === undefined || since === run ? [] : [['Had failed', since] as const]),
    ],
    links: [
      ...linkJob(link),
      linkObjects('run', `gs://${bucket}/${run}`),
      ...(leftover === undefined ? [] : [{ label: 'machine', url: leftover.link }]),
      ...outputs.map(({ name, uri }) => linkObjects(`output ${name}`, uri)),
    ],
  }
}

function writeTitle(what: News['what'], { batch, state, exitCode, machine }: Outcome): string {
  if (what === 'leftover') return `⚠ ${batch} ${state}, and its machine ${machine.name} is not provably gone`
  if (what === 'recovery') return `✔ ${batch} recovered`
  return what === 'success' ? `✔ ${batch} succeeded` : `✘ ${batch} ${state}, exit code ${exitCode}`
}

function describeLeftover(leftover: Outcome['leftover']): readonly string[] {
  if (leftover === undefined) return []
  const { zone, why } = leftover
  return [`In ${zone}: ${why}. Compute Engine deletes it at its deadline.`]
}
