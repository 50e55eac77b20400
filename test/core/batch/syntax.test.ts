import { expect, test } from 'vitest'
import { readBatch } from '../../../core/batch/read.ts'

test.each([
  { source: 'a:\n\tb: 1', message: '2:1: indented with a tab. YAML takes spaces only.' },
  {
    source: 'a: "x\nb: 1\nc: 2',
    message: '1:4: the quote that opens here is never closed.',
  },
  { source: "a: 1\nb: 'x", message: '2:4: the quote that opens here is never closed.' },
  {
    source: 'env: { A: ${{ params.a }}, B: ${{ params.b }} }',
    message: '1:12: inside { } and [ ] an expression needs quotes: "${{ params.date }}".',
  },
  {
    source: 'a: [1, 2\nb: 3',
    message: '2:1: the indentation does not fit the lines above, or a closing ] or } is missing.',
  },
  {
    source: 'a:\n  - b\n c: d',
    message: '3:1: the indentation does not fit the lines above, or a closing ] or } is missing.',
  },
  { source: 'a: b: c', message: '1:4: a second "key:" on one line. Text that holds ": " needs quotes.' },
  { source: 'a:1\nb: 2', message: '1:1: expected "key: value" on one line. Is the space after ":" missing?' },
  {
    source: '[a\n: 1 b]',
    message: '1:3: expected "key: value" on one line. Is the space after ":" missing?',
  },
  { source: 'a: [b c: d]\ne: {x: 1 y: 2}', message: '2:8: a comma or a closing ] or } is missing.' },
  { source: 'a: "b" "c"', message: '1:8: not YAML from here on. Text with special characters needs quotes.' },
  { source: 'a: "b"#c', message: '1:7: a comma, a ":" or a space is missing here.' },
  { source: 'a: @b', message: '1:4: text that begins with this character needs quotes.' },
  {
    source: 'a: "\\d"',
    message: '1:5: no such escape in double quotes. Write \\\\ for a backslash, or use single quotes.',
  },
  {
    source: 'a: !ref b',
    message: '1:4: a batch file has no tags. Text that begins with "!" needs quotes.',
  },
  { source: 'a: *b', message: '1:4: there is no anchor &b before this.' },
  {
    source: 'a: &b 1\nc: !!str *b',
    message: '2:10: an alias (*name) takes no tag and no anchor of its own.',
  },
  { source: 'a: &b: 1', message: '1:6: expected a name after & or *, without a ":" at its end.' },
  {
    source: '%YML 1.2\n---\na: 1',
    message: '1:1: a line that begins with % is a directive, and YAML has none like this.',
  },
  {
    source: 'a: 1\n---\nb: 2',
    message: '2:1: a batch file is one document. Put what follows this "---" into a file of its own.',
  },
])('$source: $message', ({ source, message }) => {
  expect(() => readBatch(source, 'batch.yaml')).toThrow(
    expect.objectContaining({ name: 'InputError', message: `batch.yaml:${message}` }),
  )
})

test('every line with a mistake is told, and what is built on them is not read', () => {
  expect(() => readBatch('nam: @x\nb: @y\n', 'batch.yaml')).toThrow(
    /^batch\.yaml:1:6: text .*\nbatch\.yaml:2:4: text [^\n]*$/,
  )
})

test('what is nested beyond the stack is refused', () => {
  expect(() => readBatch('['.repeat(20_000), 'batch.yaml')).toThrow(
    /^batch\.yaml:1:\d+: nested too deeply\.$/,
  )
})
