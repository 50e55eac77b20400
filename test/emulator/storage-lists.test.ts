import { expect, test } from 'vitest'
import { listNames } from '../../emulator/storage/listing.ts'
import { type Calls, openLake } from './storage-calls.ts'

async function fill(calls: Calls, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => calls.put(name, 'x')))
}

async function listAll(calls: Calls, query: string) {
  const pages = []
  let token: string | undefined = ''
  while (token !== undefined) {
    const page = await calls.list(`${query}&pageToken=${token}`)
    pages.push([...page.names, ...page.prefixes])
    token = page.token
  }
  return pages
}

const tree = ['a', 'a/1', 'a/2/x', 'a/2/y', 'a/3/', 'b/1', 'b//2', 'c']

test.each([
  ['', ['a', 'a/1', 'a/2/x', 'a/2/y', 'a/3/', 'b//2', 'b/1', 'c'], []],
  ['delimiter=/', ['a', 'c'], ['a/', 'b/']],
  ['prefix=a/', ['a/1', 'a/2/x', 'a/2/y', 'a/3/'], []],
  ['prefix=a/&delimiter=/', ['a/1'], ['a/2/', 'a/3/']],
  ['prefix=a&delimiter=/', ['a'], ['a/']],
  ['prefix=b/&delimiter=/', ['b/1'], ['b//']],
  ['prefix=a/2/x', ['a/2/x'], []],
  ['prefix=nothing', [], []],
  ['startOffset=a/2/y&endOffset=b/1', ['a/2/y', 'a/3/', 'b//2'], []],
  ['startOffset=b', ['b//2', 'b/1', 'c'], []],
  ['endOffset=a/1', ['a'], []],
  ['delimiter=//', ['a', 'a/1', 'a/2/x', 'a/2/y', 'a/3/', 'b/1', 'c'], ['b//']],
])('a list with %j', async (query, names, prefixes) => {
  await using lake = await openLake()
  await fill(lake, tree)
  expect(await lake.list(query)).toEqual({ names, prefixes, token: undefined })
})

test('pages hold names and folders together, each once', async () => {
  await using lake = await openLake()
  await fill(lake, tree)

  expect(await listAll(lake, 'maxResults=3')).toEqual([
    ['a', 'a/1', 'a/2/x'],
    ['a/2/y', 'a/3/', 'b//2'],
    ['b/1', 'c'],
  ])
  expect(await listAll(lake, 'maxResults=1&delimiter=/')).toEqual([['a'], ['a/'], ['b/'], ['c']])
  expect(await listAll(lake, 'maxResults=4&delimiter=/')).toEqual([['a', 'c', 'a/', 'b/']])
  expect((await lake.send('GET', '/storage/v1/b/lake/o?maxResults=many')).status).toBe(400)
})

test('a page ends at a thousand', () => {
  const names = Array.from({ length: 1001 }, (_, index) => `${index}`.padStart(4, '0'))
  const first = listNames(names, new URLSearchParams({ maxResults: '5000' }))
  expect(first.names).toEqual(names.slice(0, 1000))
  const rest = listNames(names, new URLSearchParams({ pageToken: first.nextPageToken ?? '' }))
  expect(rest).toEqual({ names: ['1000'], prefixes: [] })
})

test('pages stay right while objects come and go', async () => {
  await using lake = await openLake()
  await fill(lake, ['a', 'b', 'c', 'd'])

  const { token } = await lake.list('maxResults=2')
  await lake.send('DELETE', '/storage/v1/b/lake/o/c')
  await lake.put('aa', 'x')
  expect((await lake.list(`pageToken=${token}`)).names).toEqual(['d'])
})

test('names are ordered by their UTF-8 bytes', async () => {
  await using lake = await openLake()
  // U+FFFD is below U+1F600 in UTF-8, and above it in UTF-16.
  await fill(lake, ['\u{1f600}', '\ufffd', 'é', 'z', 'Z'])
  expect((await lake.list('')).names).toEqual(['Z', 'z', 'é', '\ufffd', '\u{1f600}'])
})

test.each([
  ['*', ['a.csv', 'b.csv', 'read.me', '[x]']],
  ['*.csv', ['a.csv', 'b.csv']],
  ['**', ['a.csv', 'b.csv', 'data/1/a.csv', 'data/2/b.csv', 'data/a.csv', 'data/a.json', 'read.me', '[x]']],
  ['**.csv', ['a.csv', 'b.csv', 'data/1/a.csv', 'data/2/b.csv', 'data/a.csv']],
  ['data/**/a.csv', ['data/1/a.csv', 'data/a.csv']],
  ['data/*/*.csv', ['data/1/a.csv', 'data/2/b.csv']],
  ['?.csv', ['a.csv', 'b.csv']],
  ['data?a.csv', []],
  ['[a-z].csv', ['a.csv', 'b.csv']],
  ['[!a].csv', ['b.csv']],
  ['data/a.{csv,json}', ['data/a.csv', 'data/a.json']],
  ['{a,data/**}.csv', ['a.csv', 'data/1/a.csv', 'data/2/b.csv', 'data/a.csv']],
  ['[[]x]', ['[x]']],
  ['a.cs', []],
  ['read.?e', ['read.me']],
])('a list that matches %j', async (glob, names) => {
  await using lake = await openLake()
  await fill(lake, [
    'a.csv',
    'b.csv',
    'data/1/a.csv',
    'data/2/b.csv',
    'data/a.csv',
    'data/a.json',
    'read.me',
    '[x]',
  ])
  expect((await lake.list(`matchGlob=${encodeURIComponent(glob)}`)).names.sort()).toEqual([...names].sort())
})

test('a list shows whole objects', async () => {
  await using lake = await openLake()
  const { json } = await lake.put('a', 'x')
  expect((await lake.send('GET', '/storage/v1/b/lake/o')).json).toEqual({
    kind: 'storage#objects',
    items: [json],
  })
  expect((await lake.send('GET', '/storage/v1/b/lake/o?prefix=b')).json).toEqual({ kind: 'storage#objects' })
})
