import { InputError } from '../errors.ts'
import { parseCsv } from './csv.ts'
import { openDocument } from './document.ts'
import { columnNames, type Row, rowList, taskLimits } from './task-keys.ts'

/** Reads a file of rows: CSV with a line of names, JSON or YAML. Throws an InputError that says where it is wrong. */
export function readRows(source: string, path: string): readonly Row[] {
  if (path.endsWith('.csv')) return readTable(source, path)
  const { root, throwProblems } = openDocument(source, path)
  const rows = rowList.read(root, [])
  throwProblems()
  return rows ?? []
}

function readTable(source: string, path: string): readonly Row[] {
  const [header, ...records] = parseCsv(source, path)
  const names = header?.values ?? []
  const refuse = (line: number, message: string) => new InputError([{ where: `${path}:${line}:1`, message }])
  for (const [index, name] of names.entries()) {
    if (!columnNames.pattern.test(name))
      throw refuse(1, `expected ${columnNames.expected} as the name of a column, got "${name}".`)
    if (names.indexOf(name) < index) throw refuse(1, `two columns are called "${name}".`)
  }
  if (records.length === 0 || records.length > taskLimits.count)
    throw refuse(
      1,
      `expected 1 to ${taskLimits.count} rows below the names, one for each task, got ${records.length}.`,
    )
  return records.map(({ values, line }) => {
    if (values.length !== names.length)
      throw refuse(
        line,
        `expected ${names.length} values, as many as the first line has names, got ${values.length}.`,
      )
    return Object.fromEntries(names.map((name, index) => [name, values[index] as string]))
  })
}
