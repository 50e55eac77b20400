import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** What Google keeps of a serial port. */
const kept = 1024 * 1024

/** A part of what a machine wrote. `start` is later than asked for when that part is gone already. */
export interface SerialOutput {
  readonly contents: string
  readonly start: number
  /** Where to go on reading. */
  readonly next: number
}

/**
 * Serial port 1 of a machine: a log whose beginning is forgotten. It is one file, named after the offset at which it
 * begins, in a directory of its own, so that any process can read it while one writes.
 */
export interface SerialPort {
  write(text: string): void
  read(start: number): SerialOutput
}

export function openSerialPort(directory: string): SerialPort {
  let writing: { base: number; size: number } | undefined
  const pathOf = (base: number) => join(directory, String(base))

  /** While the file is replaced there are two; the later one is whole already. */
  function find(): { base: number; size: number } {
    mkdirSync(directory, { recursive: true })
    const base = Math.max(
      0,
      ...readdirSync(directory)
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    )
    return { base, size: statSync(pathOf(base), { throwIfNoEntry: false })?.size ?? 0 }
  }

  return {
    write(text) {
      writing ??= find()
      const { base } = writing
      appendFileSync(pathOf(base), text)
      writing.size += Buffer.byteLength(text)
      if (writing.size < 2 * kept) return
      const tail = readFrom(pathOf(base), writing.size - kept)
      writeFileSync(`${pathOf(base)}.next`, tail)
      writing = { base: base + writing.size - kept, size: tail.length }
      renameSync(`${pathOf(base)}.next`, pathOf(writing.base))
      rmSync(pathOf(base))
    },
    read(start) {
      const { base, size } = find()
      const end = base + size
      const from = Math.min(Math.max(start, base, end - kept), end)
      const contents = size === 0 ? '' : readFrom(pathOf(base), from - base, end - from).toString()
      return { contents, start: from, next: end }
    },
  }
}

function readFrom(path: string, position: number, length = kept): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, position))
  } finally {
    closeSync(file)
  }
}
