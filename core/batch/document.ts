import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { InputError } from '../errors.ts'
import { explainSyntax } from './syntax.ts'

/** One value of a file, with its place. */
export interface Item {
  readonly kind: 'text' | 'number' | 'boolean' | 'nothing' | 'list' | 'map'
  /** Of a scalar, as it is written: `1.10` stays `1.10`. */
  readonly text: string
  /** What people call it: `machine.memory`. Items of a list are called like the list; the whole file has no name. */
  readonly label: string
  readonly line: number
  /** `batch.yaml:12:5`, of the key that introduces the value, or else of the value. */
  readonly where: string
  items(): readonly Item[]
  entries(): readonly Entry[]
  /** Notes a problem with the value, or with what its source holds the `index`th time (from 0). */
  complain(message: string, part?: { readonly text: string; readonly index: number }): void
  /** Notes a problem at the key that introduces the value. */
  complainAtKey(message: string): void
}

interface Entry {
  readonly key: string
  readonly value: Item
}

/** What stands under keys of maps, one in the other; undefined where one is not written. */
export function findItem(item: Item, ...path: readonly string[]): Item | undefined {
  return path.reduce<Item | undefined>(
    (at, name) => at?.entries().find(({ key }) => key === name)?.value,
    item,
  )
}

/** A file that was parsed, and a place for the problems that its reader finds. */
export interface OpenDocument {
  readonly root: Item
  /** Throws all problems so far as one InputError, in the order of the file. */
  throwProblems(): void
}

/** Parses YAML. Throws an InputError when it is none: nothing in such a file can be trusted, so no more is read. */
export function openDocument(text: string, path: string): OpenDocument {
  const source = text.replace(/^\uFEFF/, '')
  const lines = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: lines,
    // Also under a %YAML 1.1 directive, where `yes` would be a boolean.
    schema: 'core',
    merge: false,
    prettyErrors: false,
    // Our own check says where the first one stands.
    uniqueKeys: false,
  })
  const problems: { readonly offset: number; readonly message: string }[] = []
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const throwProblems = () => {
    const ordered = problems.toSorted((a, b) => a.offset - b.offset)
    if (ordered.length > 0)
      throw new InputError(ordered.map(({ offset, message }) => ({ where: place(offset), message })))
  }

  problems.push(...explainSyntax(document, source))
  const targets = resolveAliases(document.contents, (offset, message) => problems.push({ offset, message }))
  throwProblems()

  const toItem = (node: Node | null, label: string, key?: Node): Item => {
    const target = isAlias(node) ? targets.get(node) : node
    const [start, end] = target?.range ?? key?.range ?? [0, 0]
    const keyOffset = key?.range?.[0] ?? start
    const offset = start === end ? keyOffset : start
    const note = (at: number, message: string) =>
      problems.push({ offset: at, message: label === '' ? message : `${label}: ${message}` })
    return {
      kind: readKind(target),
      text: isScalar(target) ? readText(target) : '',
      label,
      line: lines.linePos(keyOffset).line,
      where: place(keyOffset),
      items: () => (isSeq<Node>(target) ? target.items.map((item) => toItem(item, label)) : []),
      entries: () =>
        isMap<Node, Node | null>(target)
          ? target.items.map((pair) => {
              const name = isScalar(pair.key) ? readText(pair.key) : ''
              return {
                key: name,
                value: toItem(pair.value, label === '' ? name : `${label}.${name}`, pair.key),
              }
            })
          : [],
      complain: (message, part) => note(part ? findPart(source, start, end, part) : offset, message),
      complainAtKey: (message) => note(keyOffset, message),
    }
  }
  return { root: toItem(document.contents, ''), throwProblems }
}

function readKind(node: Node | null | undefined): Item['kind'] {
  if (isMap(node)) return 'map'
  if (isSeq(node)) return 'list'
  if (!isScalar(node) || node.value === null) return 'nothing'
  if (typeof node.value === 'boolean') return 'boolean'
  return typeof node.value === 'string' ? 'text' : 'number'
}

function readText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '')
}

/** What each alias stands for; an anchor may be set again, and an alias means the one before it. */
function resolveAliases(root: Node | null, note: (offset: number, message: string) => void) {
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()
  visit(root, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node)
        return
      }
      const target = anchors.get(node.source)
      if (target === undefined) note(node.range?.[0] ?? 0, `there is no anchor &${node.source} before this.`)
      else targets.set(node, target)
    },
  })
  return targets
}

/** Where a text stands the `index`th time; an escape in double quotes hides it, and then the value's beginning must do. */
function findPart(source: string, start: number, end: number, part: { text: string; index: number }): number {
  let at = start - 1
  for (let count = 0; count <= part.index; count++) {
    at = source.indexOf(part.text, at + 1)
    if (at < 0 || at >= end) return start
  }
  return at
}
