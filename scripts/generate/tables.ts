import { credentialsField } from '../../adapters/hosts/credentials.ts'
import type { Field, Fields } from '../../core/fields.ts'
import type { Task } from '../../core/task.ts'
import { listExitCodes } from './exit-codes.ts'
import { describeField, isRequired, quote, readDefault } from './field-text.ts'

/** Every table that a page may ask for, by the name in its markers. */
export function writeTables(tasks: readonly Task[]): Readonly<Record<string, string>> {
  const ofTasks = tasks.flatMap((task) => [
    [`${task.name}-inputs`, writeFields('Input', task.fields)],
    [`${task.name}-settings`, writeFields('Setting', { ...task.fields, credentials: credentialsField })],
    [
      `${task.name}-outputs`,
      writeTable(['Output', 'Description'], Object.entries(task.outputs).map(quoteName)),
    ],
  ])
  return Object.fromEntries([
    ...ofTasks,
    [
      'tasks',
      writeTable(
        ['Task', 'What it does'],
        tasks.map(({ name, summary }) => [link(name), summary]),
      ),
    ],
    [
      'exit-codes',
      writeTable(
        ['Code', 'Meaning'],
        listExitCodes().map(([code, text]) => [String(code), text]),
      ),
    ],
  ])
}

function writeFields(title: string, fields: Fields): string {
  const rows = Object.entries(fields).map(([name, field]) => [
    quote(name),
    describeField(field),
    explainDefault(field),
  ])
  return writeTable([title, 'Description', 'Default'], rows)
}

function explainDefault(field: Field<unknown>): string {
  if (isRequired(field)) return 'required'
  const value = readDefault(field)
  const parts = [...(field.env ? ['the environment'] : []), ...(value === undefined ? [] : [quote(value)])]
  return parts.join(', else ')
}

function quoteName([name, description]: readonly [string, string]): readonly string[] {
  return [quote(name), description]
}

function link(task: string): string {
  return `[${quote(task)}](actions/${task}/README.md)`
}

/** Columns as wide as their widest cell, as the formatter wants them. */
function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')),
  )
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const [title, ...body] = cells.map((row) =>
    writeRow(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  )
  return [title, writeRow(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
