import { expect, test } from 'vitest'
import { writeRows } from '../../../core/notify/release-page.ts'

const code = { name: 'Code `recommender@v1`', fact: '`gs://b/code/1`' }
const image = { name: 'Image of `ml-batch`', fact: '`ml-batch-v1`' }

const written = (...rows: readonly string[]) =>
  ['<!-- mayfly -->', '', '| Mayfly | |', '| --- | --- |', ...rows, '', '<!-- /mayfly -->'].join('\n')
const codeRow = '| Code `recommender@v1` | `gs://b/code/1` |'
const imageRow = '| Image of `ml-batch` | `ml-batch-v1` |'

test('a page without a block gets one at its end', () => {
  expect(writeRows('', [code])).toBe(written(codeRow))
  expect(writeRows('## Notes\r\n\r\n* one\r\n', [code])).toBe(`## Notes\r\n\r\n* one\n\n${written(codeRow)}`)
})

test('each task has a row of its own in one block, and what stands around it stays', () => {
  const first = writeRows('before', [code])
  const both = writeRows(`${first}\n\nafter $& $1`, [image])
  expect(both).toBe(`before\n\n${written(codeRow, imageRow)}\n\nafter $& $1`)
  expect(writeRows(both, [code, image])).toBe(both)
})

test('a row of the same name is replaced, also after a person edited the page in a browser', () => {
  const page = writeRows(writeRows('', [code]), [image]).replaceAll('\n', '\r\n')
  expect(writeRows(page, [{ ...code, fact: 'new' }])).toBe(
    written('| Code `recommender@v1` | new |', imageRow),
  )
})

test('a cell cannot end itself', () => {
  const page = writeRows('', [{ name: 'a|b', fact: 'c\n| d | e |' }])
  expect(page).toBe(written('| a\\|b | c \\| d \\| e \\| |'))
  expect(writeRows(page, [code])).toBe(written('| a\\|b | c \\| d \\| e \\| |', codeRow))
})
