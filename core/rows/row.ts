import { suggestNearest } from '../nearest.ts'
import type { PlannedOutput } from '../protocol/records.ts'

/** A row as it goes to Bigtable. */
export interface Row {
  readonly key: Uint8Array
  readonly cells: readonly Cell[]
  /** Where in its file it ends, from 1. */
  readonly line: number
}

interface Cell {
  readonly column: Uint8Array
  readonly value: Uint8Array
}

/** A record that cannot be a row, and why. */
export class RowError extends Error {
  override readonly name = 'RowError'
}

/** What an output says of its rows. */
export type RowPlan = Pick<PlannedOutput, 'key' | 'types'>

const longestKey = 4096

/** Makes a row of a record: its columns, and their values in the same order. */
export type MakeRow = (columns: readonly string[], values: readonly unknown[], line: number) => Row

/** Makes rows as the plan says. Throws a RowError when columns that are known do not have what it names. */
export function planRows({ key = '', types = {} }: RowPlan, known?: readonly string[]): MakeRow {
  const parts = readKey(key)
  const keyColumns = parts.flatMap((part) => ('column' in part ? part.column : []))
  if (known) checkColumns(known, [...keyColumns, ...Object.keys(types)])
  const columns = new Map<string, Column>()
  const openColumn = (name: string) => {
    const column = {
      bytes: Buffer.from(name),
      type: types[name] ?? 'string',
      isKey: keyColumns.includes(name),
    }
    columns.set(name, column)
    return column
  }
  return (names, values, line) => {
    const cells: Cell[] = []
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      const value = values[index]
      if (isEmpty(value)) continue
      const { bytes, type, isKey } = columns.get(name) ?? openColumn(name)
      if (!isKey) cells.push({ column: bytes, value: encode(name, value, type) })
    }
    if (cells.length === 0) throw new RowError('the row has no value beside its key.')
    return { key: makeKey(parts, names, values), cells, line }
  }
}

interface Column {
  readonly bytes: Uint8Array
  readonly type: CellType
  readonly isKey: boolean
}

/** Is no cell. */
function isEmpty(value: unknown): boolean {
  return value === '' || value === null || value === undefined
}

function checkColumns(known: readonly string[], named: readonly string[]): void {
  const twice = known.find((name, index) => known.indexOf(name) < index)
  if (twice !== undefined) throw new RowError(`there are two columns ${twice}.`)
  const absent = named.find((name) => !known.includes(name))
  if (absent === undefined) return
  const hint = suggestNearest(absent, known) || ` There are ${known.join(', ')}.`
  throw new RowError(`there is no column ${absent}.${hint}`)
}

type KeyPart = { readonly text: string } | { readonly column: string }

/** A column, or a text with columns in braces. */
function readKey(key: string): readonly KeyPart[] {
  if (!/\{[^{}]+\}/.test(key)) return [{ column: key }]
  return key
    .split(/(\{[^{}]+\})/)
    .filter((part) => part !== '')
    .map((part) => (/^\{.+\}$/.test(part) ? { column: part.slice(1, -1) } : { text: part }))
}

function makeKey(
  parts: readonly KeyPart[],
  names: readonly string[],
  values: readonly unknown[],
): Uint8Array {
  const texts = parts.map((part) => {
    if ('text' in part) return part.text
    const value = values[names.indexOf(part.column)]
    if (isEmpty(value)) throw new RowError(`column ${part.column}, which makes the key, is empty.`)
    return toText(value)
  })
  const key = Buffer.from(texts.join(''))
  if (key.length <= longestKey) return key
  throw new RowError(`the key has ${key.length} bytes, and Bigtable takes no more than ${longestKey}.`)
}

type CellType = NonNullable<PlannedOutput['types']>[string]

function encode(column: string, value: unknown, type: CellType): Uint8Array {
  const text = toText(value)
  const refuse = (expected: string) =>
    new RowError(`column ${column}: expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}.`)
  if (type === 'string') return Buffer.from(text)
  if (type === 'bytes') {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw refuse('base64')
    return Buffer.from(text, 'base64')
  }
  const bytes = Buffer.allocUnsafe(8)
  if (type === 'float64') {
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(number)) throw refuse('a number for float64')
    bytes.writeDoubleBE(number)
    return bytes
  }
  const whole = /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) throw refuse('a whole number for int64')
  bytes.writeBigInt64BE(whole)
  return bytes
}

function toText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
