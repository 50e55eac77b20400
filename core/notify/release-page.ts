import { text } from '../fields.ts'
import type { Session } from '../task.ts'

/** The field of every task that makes something of a tag. */
export const releasePageField = {
  github_token: text({
    description:
      "A GitHub token with `contents: write`: what was made of the tag gets its line on the tag's GitHub release, where there is one. `${{ github.token }}` does, and is not taken by itself.",
    secret: true,
    env: ['MAYFLY_GITHUB_TOKEN'],
  }),
} as const

/** What a release page is to say: a row by its first cell, which is its name. Cells are Markdown. */
export interface Row {
  readonly name: string
  readonly fact: string
}

/** A token that is not in its JSON, which is what a dry run prints. */
export interface HiddenToken {
  readonly token: string
  toJSON(): string
}

/** Hides a token in a plan. */
export function hideToken(token: string): HiddenToken {
  return { token, toJSON: () => 'given' }
}

/** Writes rows on the page of a tag's release. There may be none: that is said, and a failure is one warning. */
export async function noteOnReleasePage(
  { world, log }: Session,
  hidden: HiddenToken | undefined,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  rows: readonly Row[],
): Promise<void> {
  if (hidden === undefined) return
  try {
    const pages = await world.releasePages(hidden.token)
    const page = await pages.find(repository, tag)
    if (page === undefined) {
      log.info(`${repository} has no GitHub release for ${tag} that the token can see: nothing to write on.`)
      return
    }
    const body = writeRows(page.body, rows)
    if (body !== page.body) await pages.write(repository, { id: page.id, body })
  } catch (error) {
    log.warn(`The GitHub release of ${tag} was not written on: ${(error as Error).message}`)
  }
}

const block = /<!-- mayfly -->[\s\S]*?<!-- \/mayfly -->/

/** A page with rows in its marked block, each in place of the one of its name. All else stays as it is. */
export function writeRows(body: string, rows: readonly Row[]): string {
  const known = new Map(readRows(block.exec(body)?.[0] ?? ''))
  for (const { name, fact } of rows) known.set(writeCell(name), writeCell(fact))
  const lines = [...known].map(([name, fact]) => `| ${name} | ${fact} |`)
  const written = [
    '<!-- mayfly -->',
    '',
    '| Mayfly | |',
    '| --- | --- |',
    ...lines,
    '',
    '<!-- /mayfly -->',
  ].join('\n')
  if (block.test(body)) return body.replace(block, () => written)
  return body.trim() === '' ? written : `${body.trimEnd()}\n\n${written}`
}

/** The rows under the head. */
function readRows(text: string): readonly (readonly [string, string])[] {
  const rows = [...text.matchAll(/^\| (.*?) \| (.*) \|\r?$/gm)]
  return rows.map(([, name = '', fact = '']) => [name, fact] as const).filter(([name]) => name !== '---')
}

function writeCell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}
