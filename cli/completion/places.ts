import { spellFlag } from '../../adapters/hosts/terminal-flags.ts'
import { type Entry, entries, loadCommand } from '../commands.ts'
import type { Site } from '../site.ts'

/** One word that may come next. */
export interface Word {
  readonly word: string
  readonly text: string
  /** A flag that wants a value behind it. */
  readonly takesValue: boolean
}

/** What may come next behind some words of the command line: words of commands, or the flags of one. */
export interface Place {
  /** `runs list`; empty at the beginning. */
  readonly words: string
  readonly commands: readonly Word[]
  readonly flags: readonly Word[]
}

/** Every place on the command line, from the declarations of the commands. */
export async function listPlaces(site: Site): Promise<readonly Place[]> {
  const called = entries.flatMap((entry): (readonly [string, Entry, boolean])[] => [
    [entry.name, entry, false],
    ...('task' in entry.load ? [[`local ${entry.name}`, entry, true] as const] : []),
  ])
  const leaves = await Promise.all(
    called.map(async ([words, entry, local]) => {
      const { summary, fields } = await loadCommand(entry, local, site)
      const named = Object.entries(fields).filter(([, field]) => !field.positional)
      const flags = named.map(([name, field]): Word => {
        const isOn = field.kind === 'flag' && field.default === 'true'
        return {
          word: isOn ? spellFlag(`no_${name}`) : spellFlag(name, field),
          text: shorten(field.description),
          takesValue: field.kind !== 'flag',
        }
      })
      return { words, summary: shorten(summary), flags: [...flags, ...common] }
    }),
  )
  const groups = new Map<string, Map<string, string>>()
  for (const { words, summary } of leaves) {
    const parts = words.split(' ')
    for (const [index, part] of parts.entries()) {
      const before = parts.slice(0, index).join(' ')
      const group = groups.get(before) ?? new Map<string, string>()
      groups.set(
        before,
        group.set(part, index === parts.length - 1 ? summary : (group.get(part) ?? groupText(part))),
      )
    }
  }
  return [
    ...[...groups].map(([words, next]) => ({
      words,
      commands: [...next].map(([word, text]) => ({ word, text, takesValue: false })),
      flags: words === '' ? [...common, version] : [],
    })),
    ...leaves.map(({ words, flags }) => ({ words, commands: [], flags })),
  ]
}

const common: readonly Word[] = [
  { word: '--json', text: 'Print the result as JSON', takesValue: false },
  { word: '--help', text: 'Print what the command does', takesValue: false },
]
const version: Word = { word: '--version', text: 'Print the version', takesValue: false }

function groupText(word: string): string {
  return word === 'local' ? 'On a small Google Cloud on this computer' : `Look after ${word}`
}

/** The first sentence, without Markdown. */
function shorten(text: string): string {
  return text.replaceAll('`', '').split(/\. |\.$/)[0] ?? ''
}
