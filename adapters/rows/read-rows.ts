import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { type MakeRow, planRows, type Row, RowError, type RowPlan } from '../../core/rows/row.ts'

/** Something in a file that is no row. */
export interface BrokenRow {
  /** Where it ends, from 1. */
  readonly line: number
  readonly why: string
}

/** Some rows of a file, and in their lines what is broken among them. */
export interface RowBatch {
  readonly rows: readonly Row[]
  readonly broken: readonly BrokenRow[]
}

/** Told of the bytes of a file as they are read. */
type Watch = (bytes: Uint8Array) => void

const formats: Readonly<Record<string, typeof readCsv>> = {
  '.csv': readCsv,
  '.jsonl': readLines,
  '.ndjson': readLines,
}

/** Whether a file of this name holds rows. */
export function holdsRows(name: string): boolean {
  return extname(name).toLowerCase() in formats
}

/** The rows of a file of CSV (with a header) or JSON lines, in order. */
export function readRows(file: string, plan: RowPlan, watch?: Watch): AsyncIterable<RowBatch> {
  const read = formats[extname(file).toLowerCase()]
  if (read === undefined) throw new RowError(`${file} is neither .csv nor .jsonl.`)
  return read(file, plan, watch)
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

// Longer than any row that Bigtable takes. An open quote swallows no more than this of the file.
const longestRecord = 64 << 20

async function* readCsv(file: string, plan: RowPlan, watch?: Watch): AsyncIterable<RowBatch> {
  const batch = new Batch()
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestRecord,
    on_skip: (error: CsvError | undefined) => {
      batch.refuse(describe(error))
      return undefined
    },
  })
  // A failure of the file comes out of the parser.
  pipeline(openFile(file, watch), parser, () => undefined)
  let header: readonly string[] | undefined
  let make: MakeRow | undefined
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    if (header === undefined || make === undefined) {
      header = record
      try {
        make = planRows(plan, header)
      } catch (error) {
        batch.refuse(toBroken(error, info.lines))
        break
      }
    } else if (record.length !== header.length) {
      const why = `expected ${header.length} values as in the header, got ${record.length}.`
      batch.refuse({ line: info.lines, why })
    } else batch.make(make, header, record, info.lines)
    if (batch.isFull) yield batch.take()
  }
  const rest = batch.take()
  const empty = header === undefined && rest.broken.length === 0
  yield empty ? { rows: [], broken: [{ line: 1, why: 'the file is empty: it has no header.' }] } : rest
}

function describe(error: CsvError | undefined): BrokenRow {
  const { code, lines = 1, message = '' } = (error ?? {}) as Partial<CsvError> & { readonly lines?: number }
  if (code === 'CSV_QUOTE_NOT_CLOSED') return { line: lines, why: 'a quote is opened and never closed.' }
  return { line: lines, why: `${message.replace(/^[^:]*: | (at|on) line \d+.*$/gs, '')}.` }
}

async function* readLines(file: string, plan: RowPlan, watch?: Watch): AsyncIterable<RowBatch> {
  const make = planRows(plan)
  const batch = new Batch()
  let line = 0
  const input = openFile(file, watch)
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    if (text.trim() === '') continue
    const record = readObject(text)
    if (typeof record === 'string') batch.refuse({ line, why: record })
    else batch.make(make, Object.keys(record), Object.values(record), line)
    if (batch.isFull) yield batch.take()
  }
  yield batch.take()
}

function readObject(text: string): object | string {
  const got = JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as object) : `expected a JSON object, got ${got}.`
  } catch {
    return `expected a JSON object on one line, got ${got}.`
  }
}

function openFile(file: string, watch?: Watch) {
  const source = createReadStream(file, { highWaterMark: 1 << 18 })
  if (watch) source.on('data', (bytes) => watch(bytes as Buffer))
  return source
}

function toBroken(error: unknown, line: number): BrokenRow {
  if (!(error instanceof RowError)) throw error
  return { line, why: error.message }
}

const mostRows = 1000
const mostBytes = 1 << 20

/** Rows of one request to come. */
class Batch {
  #rows: Row[] = []
  #broken: BrokenRow[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#rows.length + this.#broken.length >= mostRows || this.#bytes >= mostBytes
  }

  make(make: MakeRow, columns: readonly string[], values: readonly unknown[], line: number): void {
    try {
      const row = make(columns, values, line)
      this.#rows.push(row)
      for (const { column, value } of row.cells) this.#bytes += column.length + value.length
    } catch (error) {
      this.refuse(toBroken(error, line))
    }
  }

  refuse(broken: BrokenRow): void {
    this.#broken.push(broken)
  }

  take(): RowBatch {
    const taken = { rows: this.#rows, broken: this.#broken }
    this.#rows = []
    this.#broken = []
    this.#bytes = 0
    return taken
  }
}
