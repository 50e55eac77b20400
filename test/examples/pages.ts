import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const root = join(import.meta.dirname, '../..')

/** A YAML document that users are shown: a file, or a block of a page. */
export interface Shown {
  /** Path, with the line for a block. */
  readonly where: string
  readonly text: string
  readonly document: Readonly<Record<string, unknown>>
}

/** Every YAML document of the examples, of our own workflows, and in the blocks of all pages. */
export function readShown(): readonly Shown[] {
  const files = globSync(['examples/**/*.{yml,yaml}', '.github/**/*.yml'], { cwd: root }).sort()
  const pages = globSync(['*.md', '{actions,docs,drone-plugins,examples}/**/*.md'], { cwd: root }).sort()
  return [
    ...files.flatMap((path) => readDocuments(path, readFileSync(join(root, path), 'utf8'))),
    ...pages.flatMap((path) => readBlocks(path, readFileSync(join(root, path), 'utf8'))),
  ]
}

function readBlocks(path: string, page: string): readonly Shown[] {
  return [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(({ 1: text = '', index }) =>
    readDocuments(`${path}:${page.slice(0, index).split('\n').length}`, text),
  )
}

function readDocuments(where: string, text: string): readonly Shown[] {
  const documents = parseAllDocuments(text)
  return documents.map((document) => {
    const [error] = document.errors
    if (error) throw new Error(`${where}: ${error.message}`)
    return { where, text, document: Object(document.toJS()) }
  })
}
