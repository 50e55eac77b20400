import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { type Entry, endTar, readTar } from '../../adapters/git/tar.ts'
import { openSandbox } from './git-sandbox.ts'

const names = ['a.txt', `${'folder/'.repeat(40)}${'ü'.repeat(60)}.txt`, `${'x'.repeat(120)}.bin`, 'z']
const entries = names.map((path) => ({ path, directory: false }))

let tar: Uint8Array

beforeAll(async () => {
  await using sandbox = await openSandbox()
  const contents = ['', 'x'.repeat(511), 'y'.repeat(70_000), 'z'.repeat(512)]
  await sandbox.repository(
    'code',
    Object.fromEntries(names.map((name, index) => [name, contents[index] ?? ''])),
  )
  const place = { cwd: join(sandbox.path, 'code'), encoding: 'buffer' } as const
  tar = (await execa('git', ['archive', 'HEAD'], place)).stdout
})

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] as number
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(source: AsyncIterable<Uint8Array>) {
  const seen: Entry[] = []
  const pieces: Uint8Array[] = []
  for await (const bytes of readTar(source, (entry) => seen.push(entry))) pieces.push(bytes)
  return { content: Buffer.concat(pieces), seen }
}

test('however the bytes are cut, the entries are the same, and content and end make the whole', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(sizes, async (pieces) => {
      const { content, seen } = await read(cut(tar, pieces))
      expect(seen.filter(({ directory }) => !directory)).toEqual(entries)
      expect(seen.filter(({ directory }) => directory)).toHaveLength(40)
      expect(Buffer.concat([content, endTar(content.length)]).equals(tar)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a tar that is cut anywhere before its end is refused', async () => {
  const { content } = await read(cut(tar, [65_536]))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: content.length }), async (length) => {
      await expect(read(cut(tar.subarray(0, length), [65_536]))).rejects.toThrow(/The tar stops/)
    }),
    { numRuns: 50 },
  )
})

test('a size in a pax header counts, as git writes it for files of 8 GiB and more', async () => {
  const data = new Uint8Array(2048).fill(120)
  const bytes = Buffer.concat([
    header('pax', 'x', 18),
    pad('18 size=000002048\n'),
    header('big.bin', '0', 0),
    data,
    header('next.txt', '0', 0),
    endTar(0),
  ])

  const { seen } = await read(cut(bytes, [4096]))

  expect(seen.map(({ path }) => path)).toEqual(['big.bin', 'next.txt'])
})

function header(name: string, type: string, size: number): Uint8Array {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write(size.toString(8).padStart(11, '0'), 124)
  block.write(type, 156)
  return block
}

function pad(text: string): Uint8Array {
  const block = Buffer.alloc(512)
  block.write(text)
  return block
}

test.each([
  [0, 10_240],
  [512, 9728],
  [9216, 1024],
  [9728, 10_752],
  [10_240, 10_240],
])('after %d bytes of entries, git writes %d of zeros', async (size, zeros) => {
  expect(endTar(size)).toHaveLength(zeros)
})
