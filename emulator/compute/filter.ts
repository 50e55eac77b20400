import { invalid } from './errors.ts'

/**
 * Reads the filter of a list: comparisons `field OP value` (`labels.run:*`, `name = vm-1`, `guestCpus >= 4`) under AND,
 * OR, NOT, parentheses and plain sequence. Compute Engine's own dialect of https://google.aip.dev/160: a value of `=`
 * may hold wildcards, `eq` and `ne` take a regular expression. Throws 400.
 */
export function readFilter(text: string | null): (resource: object) => boolean {
  if (!text?.trim()) return () => true
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[()]|!=|<=|>=|[=<>:]|[^\s()=<>:!"]+/g) ?? []
  let at = 0

  function fail(): never {
    throw invalid('filter', text, 'Invalid list filter expression.')
  }

  function take(...words: readonly string[]): boolean {
    if (!words.includes(tokens[at] ?? '')) return false
    at++
    return true
  }

  function readOr(): Test {
    const tests = [readAnd()]
    while (take('OR', '|')) tests.push(readAnd())
    return (resource) => tests.some((test) => test(resource))
  }

  function readAnd(): Test {
    const tests = [readTerm()]
    while (at < tokens.length && tokens[at] !== ')' && tokens[at] !== 'OR') {
      take('AND')
      tests.push(readTerm())
    }
    return (resource) => tests.every((test) => test(resource))
  }

  function readTerm(): Test {
    if (take('NOT', '-')) {
      const test = readTerm()
      return (resource) => !test(resource)
    }
    if (!take('(')) return readComparison()
    const test = readOr()
    return take(')') ? test : fail()
  }

  function readComparison(): Test {
    const field = tokens[at++] ?? fail()
    const operator = tokens[at++] ?? fail()
    const value = unquote(tokens[at++] ?? fail())
    const compare = comparisons[operator] ?? fail()
    return (resource) => compare(readField(resource, field.split('.').map(unquote)), value)
  }

  const test = readOr()
  return at === tokens.length ? test : fail()
}

type Test = (resource: object) => boolean

const comparisons: Readonly<Record<string, (found: unknown, value: string) => boolean>> = {
  '=': matches,
  '!=': (found, value) => !matches(found, value),
  // Has: anything at all for `*`, else a value that contains it.
  ':': (found, value) =>
    found !== undefined && (value === '*' || print(found).includes(value.replaceAll('*', ''))),
  '<': (found, value) => found !== undefined && Number(found) < Number(value),
  '<=': (found, value) => found !== undefined && Number(found) <= Number(value),
  '>': (found, value) => found !== undefined && Number(found) > Number(value),
  '>=': (found, value) => found !== undefined && Number(found) >= Number(value),
  eq: (found, value) => found !== undefined && new RegExp(`^(?:${value})$`).test(print(found)),
  ne: (found, value) => found === undefined || !new RegExp(`^(?:${value})$`).test(print(found)),
}

/** Links are compared by their ends too, as `zone=us-central1-a` means. */
function matches(found: unknown, value: string): boolean {
  if (found === undefined) return false
  const escaped = value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^(?:projects/.*/)?${escaped}$`, 's').test(print(found))
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
