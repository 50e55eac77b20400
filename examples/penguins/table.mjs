import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The rows of a CSV file without quoted fields, as objects of text by column name. */
export function readTable(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const columns = header.split(',')
  return lines.map((line) => {
    const fields = line.split(',')
    return Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']))
  })
}

/** Writes rows that all have the columns of the first one. */
export function writeTable(path, rows) {
  const columns = Object.keys(rows[0])
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  write(path, lines.map((fields) => fields.join(',')).join('\n'))
}

export function writeJson(path, value) {
  write(path, JSON.stringify(value, null, 2))
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${text}\n`)
}
