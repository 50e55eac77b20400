import { invalid } from './errors.ts'

/**
 * Reads the filter of a list: comparisons `field OP value` (`labels.run:*`, `name = vm-1`, `guestCpus >= 4`) under AND,
 * OR, NOT, parentheses and plain sequence. Compute Engine's own dialect of https://google.aip.dev/160: a value of `=`
 * may hold wildcards, `eq` and `ne` take a regular expression. Throws 400.
 */
export function readFilter(text: string | null): (resource: object) => boolean {
  if (!text?.trim()) return () => true
  const tokens = text.match(/[()]|!=|<=|>=|[=<>:]|(?:"(?:[^"\\]|\\.)*"|[^\s()=<>:!"])+|\S/g) ?? []
  let at = 0

  function fail(): never {
    throw invalid('filter', text, 'Invalid list filter expression.')
  }

  function take(word: string): boolean {
    if (tokens[at] !== word) return false
    at++
    return true
  }

  function readAll(): Test {
    const tests = [readAny()]
    while (at < tokens.length && tokens[at] !== ')') {
      take('AND')
      tests.push(readAny())
    }
    return (resource) => tests.every((test) => test(resource))
  }

  // OR binds closer than AND, unlike anywhere else.
  function readAny(): Test {
    const tests = [readTerm()]
    while (take('OR')) tests.push(readTerm())
    return (resource) => tests.some((test) => test(resource))
  }

  function readTerm(): Test {
    if (take('NOT')) {
      const test = readTerm()
      return (resource) => !test(resource)
    }
    if (!take('(')) return readComparison()
    const test = readAll()
    return take(')') ? test : fail()
  }

  function readComparison(): Test {
    const path = (tokens[at++] ?? fail()).split('.').map(unquote)
    const makeComparison = comparisons[tokens[at++] ?? fail()] ?? fail()
    const holds = makeComparison(unquote(tokens[at++] ?? fail()), fail)
    return (resource) => holds(readField(resource, path))
  }

  const test = readAll()
  return at === tokens.length ? test : fail()
}

type Test = (resource: object) => boolean

type Comparison = (value: string, fail: () => never) => (found: unknown) => boolean

const comparisons: Readonly<Record<string, Comparison>> = {
  '=': equals,
  '!=': negate(equals),
  // Has: anything at all for `*`, else a text that contains it.
  ':': (value) => (found) =>
    found !== undefined && (value === '*' || print(found).includes(value.replaceAll('*', ''))),
  '<': (value) => (found) => Number(found) < Number(value),
  '<=': (value) => (found) => Number(found) <= Number(value),
  '>': (value) => (found) => Number(found) > Number(value),
  '>=': (value) => (found) => Number(found) >= Number(value),
  eq: matches,
  ne: negate(matches),
}

function negate(comparison: Comparison): Comparison {
  return (value, fail) => {
    const holds = comparison(value, fail)
    return (found) => !holds(found)
  }
}

/** Links are compared by their ends too, as `zone = us-central1-a` means. */
function equals(value: string): (found: unknown) => boolean {
  const escaped = value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  const pattern = new RegExp(`^(?:projects/.*/)?${escaped}$`, 's')
  return (found) => found !== undefined && pattern.test(print(found))
}

function matches(value: string, fail: () => never): (found: unknown) => boolean {
  const pattern = compile(value) ?? fail()
  return (found) => found !== undefined && pattern.test(print(found))
}

function compile(expression: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${expression})$`)
  } catch {
    return undefined
  }
}

function print(found: unknown): string {
  return typeof found === 'object' ? JSON.stringify(found) : String(found)
}

function readField(resource: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name === undefined) return resource
  if (typeof resource !== 'object' || resource === null) return undefined
  return readField((resource as Readonly<Record<string, unknown>>)[name], rest)
}

function unquote(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token
}
