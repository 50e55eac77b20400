import type { Row } from '../../../core/rows/row.ts'

// The one call that is made, in protocol buffers (https://protobuf.dev/programming-guides/encoding). Google's client
// for it would make the agent 25 times as large. Field numbers are those of google/bigtable/v2/bigtable.proto and data.proto.

export interface MutateRows {
  /** `projects/P/instances/I/tables/T` */
  readonly table: string
  readonly family: string
  /** Of all cells: the same cell written again is the same. */
  readonly timestampMicros: number
  readonly rows: readonly Row[]
}

/** What became of a row of a request. */
export interface RowStatus {
  /** Counts the rows of the request, from 0. */
  readonly index: number
  /** Of gRPC; 0 is well. */
  readonly code: number
  readonly message: string
}

/** A MutateRowsRequest: one SetCell for each cell. */
export function encodeMutateRows({ table, family, timestampMicros, rows }: MutateRows): Uint8Array {
  const cellFamily = Buffer.from(family)
  const name = Buffer.from(table)
  const entries = rows.map((row) => planEntry(row, cellFamily, timestampMicros))
  const size = sizeOfField(name.length) + sum(entries.map((entry) => sizeOfField(entry.size)))
  const writer = new Writer(size)
  writer.bytes(1, name)
  for (const { row, size, cells } of entries) {
    writer.begin(2, size)
    writer.bytes(1, row.key)
    for (const [index, { column, value }] of row.cells.entries()) {
      const cell = cells[index] as number
      writer.begin(2, sizeOfField(cell))
      writer.begin(1, cell)
      writer.bytes(1, cellFamily)
      writer.bytes(2, column)
      writer.number(3, timestampMicros)
      writer.bytes(4, value)
    }
  }
  return writer.buffer
}

/** Sizes are needed before the bytes: every message begins with its length. */
function planEntry(row: Row, family: Uint8Array, timestampMicros: number) {
  const fixed = sizeOfField(family.length) + 1 + sizeOfNumber(timestampMicros)
  const cells = row.cells.map(
    ({ column, value }) => fixed + sizeOfField(column.length) + sizeOfField(value.length),
  )
  const size = sizeOfField(row.key.length) + sum(cells.map((cell) => sizeOfField(sizeOfField(cell))))
  return { row, size, cells }
}

/** The statuses of a MutateRowsResponse, of which several make an answer. */
export function decodeMutateRows(message: Uint8Array): readonly RowStatus[] {
  const statuses: RowStatus[] = []
  for (const { field, bytes } of readFields(message)) {
    if (field !== 1 || bytes === undefined) continue
    const status = { index: 0, code: 0, message: '' }
    for (const entry of readFields(bytes)) {
      if (entry.field === 1) status.index = entry.number
      if (entry.field !== 2 || entry.bytes === undefined) continue
      for (const part of readFields(entry.bytes)) {
        if (part.field === 1) status.code = part.number
        if (part.field === 2 && part.bytes) status.message = new TextDecoder().decode(part.bytes)
      }
    }
    statuses.push(status)
  }
  return statuses
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}

/** Of a field of bytes: its tag, its length and itself. */
function sizeOfField(length: number): number {
  return 1 + sizeOfNumber(length) + length
}

function sizeOfNumber(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

class Writer {
  readonly buffer: Buffer
  #at = 0

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  /** A field of bytes, whose bytes follow. */
  begin(field: number, length: number): void {
    this.buffer[this.#at++] = (field << 3) | 2
    this.#varint(length)
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.begin(field, bytes.length)
    this.buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  number(field: number, value: number): void {
    this.buffer[this.#at++] = field << 3
    this.#varint(value)
  }

  #varint(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.buffer[this.#at++] = (rest % 0x80) | 0x80
    this.buffer[this.#at++] = rest
  }
}

interface Field {
  readonly field: number
  readonly number: number
  readonly bytes?: Uint8Array
}

function* readFields(message: Uint8Array): Iterable<Field> {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('a message of Bigtable breaks off')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) yield { field, number: varint() }
    else if (tag % 8 === 2) {
      const length = varint()
      yield { field, number: 0, bytes: message.subarray(at, at + length) }
      at += length
    } else if (tag % 8 === 1) at += 8
    else at += 4
  }
}
