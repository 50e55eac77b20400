import { type Document, type ErrorCode, visit, type YAMLError } from 'yaml'

const unfit = 'not YAML from here on. Text with special characters needs quotes.'

/** What YAML's own errors mean to somebody who writes a batch file. */
const meanings: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) takes no tag and no anchor of its own.',
  BAD_ALIAS: 'expected a name after & or *, without a ":" at its end.',
  BAD_DIRECTIVE: 'a line that begins with % is a directive, and YAML has none like this.',
  BAD_DQ_ESCAPE: 'no such escape in double quotes. Write \\\\ for a backslash, or use single quotes.',
  BAD_INDENT: 'the indentation does not fit the lines above, or a closing ] or } is missing.',
  BAD_SCALAR_START: 'text that begins with this character needs quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'a second "key:" on one line. Text that holds ": " needs quotes.',
  BLOCK_IN_FLOW: 'a comma or a closing ] or } is missing.',
  MISSING_CHAR: 'a comma, a ":" or a space is missing here.',
  MULTILINE_IMPLICIT_KEY: 'expected "key: value" on one line. Is the space after ":" missing?',
  MULTIPLE_DOCS: 'a batch file is one document. Put what follows this "---" into a file of its own.',
  RESOURCE_EXHAUSTION: 'nested too deeply.',
  TAB_AS_INDENT: 'indented with a tab. YAML takes spaces only.',
  TAG_RESOLVE_FAILED: 'a batch file has no tags. Text that begins with "!" needs quotes.',
}

/** Something that keeps a text from being read as YAML. */
export interface SyntaxProblem {
  /** Characters from the beginning. */
  readonly offset: number
  readonly message: string
}

/** What is wrong with the YAML itself, in our words. Of a line only the first, since the parser stumbles on. */
export function explainSyntax(document: Document.Parsed, source: string): readonly SyntaxProblem[] {
  return [...document.errors, ...document.warnings]
    .map((error) => explain(error, document, source))
    .sort((a, b) => a.offset - b.offset)
    .filter(({ offset }, index, all) => {
      const before = all[index - 1]
      return before === undefined || source.slice(before.offset, offset).includes('\n')
    })
}

function explain(error: YAMLError, document: Document.Parsed, source: string): SyntaxProblem {
  const [offset] = error.pos
  // The parser misses a quote where the file ends; who wrote the file misses it where it was opened.
  if (/closing ["']/.test(error.message))
    return { offset: findOpenQuote(document, offset), message: 'the quote that opens here is never closed.' }
  if (opensExpression(source, offset))
    return { offset, message: 'inside { } and [ ] an expression needs quotes: "${{ params.date }}".' }
  return { offset, message: meanings[error.code] ?? unfit }
}

function findOpenQuote(document: Document.Parsed, end: number): number {
  let start = end
  visit(document, {
    Scalar: (_, { range }) => {
      if (range && range[0] < end && end <= range[1]) start = range[0]
    },
  })
  return start
}

/** Braces of `${{` that YAML took for its own, as it does within a flow map. */
function opensExpression(source: string, offset: number): boolean {
  return source[offset] === '{' && source[offset - 1] === '$'
}
