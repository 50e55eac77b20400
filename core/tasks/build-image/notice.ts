import type { Context } from '../../host.ts'
import { linkImage, linkJob } from '../../notify/console.ts'
import type { Notice } from '../../notify/message.ts'
import type { Row } from '../../notify/release-page.ts'
import { formatDuration } from '../../units.ts'
import type { ImageRecord } from '../../world.ts'
import type { Built } from './report.ts'

/** A promoted image as news. */
export function describeNews(
  { plan, previous, smoke, seconds, deprecated, deleted }: Built,
  image: ImageRecord,
  { link }: Context,
): Notice {
  const { family, project } = plan.wishes
  const list = (label: string, names: readonly string[]) =>
    names.length === 0 ? [] : [[label, names.join(', ')] as const]
  return {
    title: `✔ ${image.name} promoted into ${family}`,
    facts: [
      ['Took', formatDuration(seconds)],
      ...(plan.tag === undefined
        ? []
        : [['Tag', `${plan.tag}, commit ${plan.commit?.slice(0, 12)}`] as const]),
      ...(previous === undefined ? [] : [['Before', previous] as const]),
      ...(smoke === undefined ? [] : [['Smoke batch', smoke.run] as const]),
      ...list('Deprecated', deprecated),
      ...list('Deleted', deleted),
    ],
    links: [...linkJob(link), linkImage('image', project, image.name)],
  }
}

/** An image as the tag's release page has it. */
export function listRows({ plan }: Built, { name, selfLink }: ImageRecord): readonly Row[] {
  const path = selfLink.replace(/^.*?(?=projects\/)/, '')
  return [{ name: `Image of \`${plan.wishes.family}\``, fact: `\`${name}\`, \`${path}\`` }]
}
