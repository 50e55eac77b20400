import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob, fixedFolder } from '../../../core/inputs/glob.ts'
import { readSource } from '../../../core/inputs/source.ts'
import { findClash, placeFile } from '../../../core/inputs/targets.ts'
import { compileGlob as compileGlobOfTheCloud } from '../../../emulator/storage/glob.ts'

test.each([
  ['gs://lake/a/b.csv', { kind: 'gs', bucket: 'lake', shape: 'file', name: 'a/b.csv', folder: 'a/' }],
  ['gs://lake/a/', { kind: 'gs', bucket: 'lake', shape: 'folder', name: 'a/', folder: 'a/' }],
  ['gs://lake', { kind: 'gs', bucket: 'lake', shape: 'folder', name: '', folder: '' }],
  ['s3://partner/a/b-*/c', { kind: 's3', bucket: 'partner', shape: 'glob', name: 'a/b-*/c', folder: 'a/' }],
  [
    'run:embed/latest-success/model',
    {
      kind: 'run',
      batch: 'embed',
      run: 'latest-success',
      output: 'model',
      shape: 'folder',
      name: '',
      folder: '',
    },
  ],
  [
    'run:embed/8f0c/model/deep/w.bin',
    {
      kind: 'run',
      batch: 'embed',
      run: '8f0c',
      output: 'model',
      shape: 'file',
      name: 'deep/w.bin',
      folder: 'deep/',
    },
  ],
])('%s is taken apart', (from, source) => {
  expect(readSource(from)).toEqual(source)
})

const file = (name: string) => ({ name, uri: `gs://lake/${name}` })

test.each([
  ['gs://lake/a/b.csv', 'data/', 'a/b.csv', { path: 'data/b.csv' }],
  ['gs://lake/a/b.csv', 'data/c.csv', 'a/b.csv', { path: 'data/c.csv' }],
  ['gs://lake/a/b.csv', '.', 'a/b.csv', { path: 'b.csv' }],
  ['gs://lake/a/', 'data', 'a/x/y', { path: 'data/x/y' }],
  ['gs://lake/a/x*/y', './data/', 'a/x1/y', { path: 'data/x1/y' }],
  [
    'gs://lake/a/',
    'data',
    'a/../../etc/passwd',
    { why: expect.stringContaining('gs://lake/a/../../etc/passwd') },
  ],
  ['gs://lake/a/', 'data', 'a//b', { why: expect.stringContaining('no path below a folder') }],
])('%s to %s: where %s goes', (from, to, name, place) => {
  expect(placeFile(readSource(from), to, file(name))).toEqual(place)
})

test('two files in one place are found, and a file where a folder has to be', () => {
  const at = (...paths: readonly string[]) =>
    findClash(paths.map((path, index) => ({ path, uri: `gs://b/${index}` })))
  expect(at('a', 'b', 'a')).toEqual({ index: 2, why: 'gs://b/2 and gs://b/0 both go to a.' })
  expect(at('a/b/c', 'a')).toEqual({
    index: 0,
    why: 'gs://b/0 goes to a/b/c, and a is a file itself: gs://b/1.',
  })
  expect(at('a/b/c', 'a/b/d', 'ab')).toBeUndefined()
})

test.each(['a/b/c*', 'a/b/{c,d}/e', 'a/b/?'])('the folder of %s', (glob) => {
  expect(fixedFolder(glob)).toBe('a/b/')
})

test('a pattern means what it means to Cloud Storage', () => {
  const letters = fc
    .array(fc.constantFrom('a', 'b', '/', '.', '-'), { maxLength: 8 })
    .map((all) => all.join(''))
  const part = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '-',
    '*',
    '**',
    '**/',
    '?',
    '[ab]',
    '[!a]',
    '{a,b*}',
    ',',
    '+',
    '(',
  )
  const glob = fc.array(part, { maxLength: 6 }).map((all) => all.join(''))
  fc.assert(
    fc.property(glob, letters, (pattern, name) => {
      expect(compileGlob(pattern).test(name)).toBe(compileGlobOfTheCloud(pattern).test(name))
    }),
    { numRuns: 3000 },
  )
})
