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

/** A record of a file: values by column; undefined and null are no cells. */
export type Fields = Readonly<Record<string, unknown>>

/** A record that cannot be a row, and why. */
export class RowError extends Error {
  override readonly name = 'RowError'
}

/** What an output says of its rows. */
export type RowPlan = Pick<PlannedOutput, 'key' | 'types'>

const longestKey = 4096

/** Makes rows of records whose columns are known. Throws a RowError when the columns do not have what the plan names. */
export function planRows({ key = '', types = {} }: RowPlan, columns?: readonly string[]) {
  const parts = readKey(key)
  const named = [...parts.flatMap((part) => ('column' in part ? part.column : [])), ...Object.keys(types)]
  const absent = columns && named.find((name) => !columns.includes(name))
  if (absent !== undefined && columns)
    throw new RowError(
      `there is no column ${absent}.${suggestNearest(absent, columns) || ` There are ${columns.join(', ')}.`}`,
    )
  const twice = columns?.find((name, index) => columns.indexOf(name) < index)
  if (twice !== undefined) throw new RowError(`there are two columns ${twice}.`)
  const keyColumns = new Set(parts.flatMap((part) => ('column' in part ? part.column : [])))
  const names = new Map<string, Uint8Array>()
  return (record: Fields, line: number): Row => {
    const cells: Cell[] = []
    for (const [name, value] of Object.entries(record)) {
      if (keyColumns.has(name) || value === '' || value === null || value === undefined) continue
      const column = names.get(name) ?? Buffer.from(name)
      names.set(name, column)
      cells.push({ column, value: encode(name, value, types[name] ?? 'string') })
    }
    if (cells.length === 0) throw new RowError('the row has no value beside its key.')
    return { key: makeKey(parts, record), cells, line }
  }
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

function makeKey(parts: readonly KeyPart[], record: Fields): Uint8Array {
  const texts = parts.map((part) => {
    if ('text' in part) return part.text
    const value = record[part.column]
    if (value === undefined || value === null || value === '')
      throw new RowError(`column ${part.column}, which makes the key, is empty.`)
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
