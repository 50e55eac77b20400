/** Rows as aligned columns; the first row is the head. */
export function drawTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Rows under a head as a table in Markdown. */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A thing that is to be known, and its name. */
export type Fact = readonly [label: string, fact: string]

/** A title with facts under it, as lines for a terminal, as Markdown for a job summary, and as they are. */
export function writeFacts(title: string, facts: readonly Fact[]) {
  const width = Math.max(...facts.map(([label]) => label.length))
  return {
    lines: [title, ...facts.map(([label, fact]) => `  ${label.toLowerCase().padEnd(width)}  ${fact}`)],
    summary: `### ${title}\n\n${writeTable(['', ''], facts)}\n`,
    card: { title, facts },
  }
}
