import { InputError } from '../errors.ts'

interface CsvRecord {
  readonly values: readonly string[]
  /** On which the record begins, from 1. */
  readonly line: number
}

/** The records of a CSV file as https://www.rfc-editor.org/rfc/rfc4180 has it; empty lines are none. Throws an InputError. */
export function parseCsv(source: string, path: string): readonly CsvRecord[] {
  const text = source.replace(/^\uFEFF/, '')
  const records: CsvRecord[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  let values: string[] = []
  let line = 1
  let begun = 1
  while (field.lastIndex < text.length || values.length > 0) {
    const start = field.lastIndex
    const match = field.exec(text)
    if (match === null) throw refuse(text, start, line, path)
    const [whole, quoted, bare = '', end] = match
    values.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    line += whole.split('\n').length - 1
    if (end === ',') continue
    if (values.length > 1 || values[0] !== '') records.push({ values, line: begun })
    values = []
    begun = line
  }
  return records
}

function refuse(text: string, at: number, line: number, path: string): InputError {
  const where = `${path}:${line}:${at - text.lastIndexOf('\n', at - 1)}`
  const message =
    'expected values with commas between them; one that holds a comma, a quote or a line end stands in double quotes, with its own quotes doubled.'
  return new InputError([{ where, message }])
}
