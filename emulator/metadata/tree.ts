/** The metadata tree: directories, lists (directories of 0, 1, …), values, and values that depend on the query. */
export type Node = Value | Directory | List | Answer

interface Value {
  readonly kind: 'value'
  readonly text: string
  readonly json: unknown
}

interface Directory {
  readonly kind: 'directory'
  readonly entries: Readonly<Record<string, Node>>
  /** Keys are a user's own, and stay as they are in JSON; Google's turn to camelCase. */
  readonly verbatim: boolean
}

interface List {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

interface Answer {
  readonly kind: 'answer'
  readonly answer: (query: URLSearchParams) => Value
}

/** A value; booleans read TRUE and FALSE, lists a line each. `text` where it is written otherwise. */
export function value(json: unknown, text: string = print(json)): Value {
  return { kind: 'value', text, json }
}

function print(json: unknown): string {
  if (typeof json === 'boolean') return json ? 'TRUE' : 'FALSE'
  return Array.isArray(json) ? json.map((item) => `${item}\n`).join('') : String(json)
}

export function directory(entries: Readonly<Record<string, Node>>, verbatim = false): Directory {
  return { kind: 'directory', entries, verbatim }
}

export function list(items: readonly Node[]): List {
  return { kind: 'list', items }
}

/** A value made on request, such as a token; recursive readings leave it out. */
export function answer(answer: (query: URLSearchParams) => Value): Answer {
  return { kind: 'answer', answer }
}

/** The node at a path of names. */
export function find(node: Node, path: readonly string[]): Node | undefined {
  const [name, ...rest] = path
  if (name === undefined) return node
  const child = childrenOf(node).find(([key]) => key === name)?.[1]
  return child && find(child, rest)
}

/** What is in a directory, as Google lists it: a name a line, with a slash after those of directories. */
export function listNames(node: Node): string {
  return childrenOf(node)
    .map(([name, child]) => `${name}${isDirectory(child) ? '/' : ''}\n`)
    .join('')
}

export function isDirectory(node: Node): node is Directory | List {
  return node.kind === 'directory' || node.kind === 'list'
}

function childrenOf(node: Node): readonly (readonly [string, Node])[] {
  if (node.kind === 'directory') return Object.entries(node.entries)
  return node.kind === 'list' ? node.items.map((item, index) => [String(index), item]) : []
}

/** All below a node, for `recursive=true`. */
export function toJson(node: Node): unknown {
  if (node.kind === 'value') return node.json
  if (node.kind === 'list') return node.items.map(toJson)
  const entries = childrenOf(node).filter(([, child]) => child.kind !== 'answer')
  const verbatim = node.kind === 'directory' && node.verbatim
  return Object.fromEntries(entries.map(([key, child]) => [verbatim ? key : camel(key), toJson(child)]))
}

/** All below a node, for `recursive=true&alt=text`: a path and a value a line. */
export function toLines(node: Node, path = ''): string {
  if (node.kind === 'value') return `${path} ${node.text}\n`
  const prefix = path && `${path}/`
  return childrenOf(node)
    .map(([key, child]) => toLines(child, `${prefix}${key}`))
    .join('')
}

function camel(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
