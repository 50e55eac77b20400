import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { matrix } from './matrix.ts'

const folder = join(import.meta.dirname, '..')

/** Titles of all tests, as they stand in the sources. */
const titles = new Set(
  globSync('**/*.test.ts', { cwd: folder }).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    // The first text behind a test's call, or alone on a line, as a table's title is.
    const found = text.matchAll(
      /(?:\btest\w*(?:\.\w+)*\(\s*(?:[^'"`\n]*,\s*)?|^\s*|\)\()(['"`])((?:\\.|(?!\1).)*)\1,/gm,
    )
    return [...found].map(([, , title = '']) => title.replaceAll('\\', ''))
  }),
)

test.each(matrix)('$job: every step has an answer to every trouble', ({ troubles, rows }) => {
  for (const { step, cells } of rows)
    expect([step, Object.keys(cells).sort()]).toEqual([step, [...troubles].sort()])
})

test.each(matrix)('$job: the tests that are named exist', ({ rows }) => {
  const missing = rows.flatMap(({ step, cells }) =>
    Object.entries(cells).flatMap(([trouble, tests]) =>
      typeof tests === 'string'
        ? []
        : tests.filter((title) => !titles.has(title)).map((title) => `${step} × ${trouble}: ${title}`),
    ),
  )
  expect(missing).toEqual([])
})

test('a cell without a test says why', () => {
  const reasons = matrix.flatMap(({ rows }) =>
    rows.flatMap(({ cells }) => Object.values(cells).filter((cell) => typeof cell === 'string')),
  )
  expect(reasons.filter((reason) => !/\w+ \w+/.test(reason as string))).toEqual([])
})
