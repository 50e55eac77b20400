import type { Fact } from '../table.ts'
import { escapeText, type Link, writeLink } from './mrkdwn.ts'

/** One piece of news, before it takes the shape of any messenger. */
export interface Notice {
  /** One line that stands alone. */
  readonly title: string
  /** What happened, and what to do. */
  readonly detail?: string
  readonly facts: readonly Fact[]
  readonly links: readonly Link[]
}

interface Mrkdwn {
  readonly type: 'mrkdwn'
  readonly text: string
}

type Block =
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }

/** A message as Slack takes it. */
export interface Message {
  /** What matters of it once more: for notifications, and for Mattermost and Discord, which know no blocks. */
  readonly text: string
  readonly blocks: readonly Block[]
}

// https://docs.slack.dev/reference/block-kit/blocks/section-block
const limits = { title: 150, block: 3000, fields: 10, field: 2000 } as const

/** Half of a text; Discord takes 2000 characters, and shows nothing else of a message. */
const halfText = 999

/** A notice as a message within Slack's limits. */
export function writeMessage(notice: Notice): Message {
  const { facts, links } = notice
  const fields = facts
    .slice(0, limits.fields)
    .map(([label, fact]) => toMrkdwn(`*${label}*\n${escapeText(fact, limits.field - label.length - 3)}`))
  const trail = joinLinks(links, limits.block)
  return {
    text: [writeLead(notice, halfText), joinLinks(links, halfText)].filter((part) => part !== '').join('\n'),
    blocks: [
      { type: 'section', text: toMrkdwn(writeLead(notice, limits.block)) },
      ...(fields.length === 0 ? [] : [{ type: 'section', fields } as const]),
      ...(trail === '' ? [] : [{ type: 'context', elements: [toMrkdwn(trail)] } as const]),
    ],
  }
}

function writeLead({ title, detail = '' }: Notice, limit: number): string {
  const head = `*${escapeText(title, limits.title)}*`
  return detail === '' ? head : `${head}\n${escapeText(detail, limit - head.length - 1)}`
}

function toMrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text }
}

/** As many whole links as there is room for. */
function joinLinks(links: readonly Link[], limit: number): string {
  let joined = ''
  for (const link of links) {
    const next = joined === '' ? writeLink(link) : `${joined} · ${writeLink(link)}`
    if (next.length > limit) break
    joined = next
  }
  return joined
}
