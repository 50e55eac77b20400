/** Prints a table: the first row is its head, the first column stands left. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  console.log(`\n${title}`)
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    console.log(`  ${cells.join('  ')}`)
    if (index === 0) console.log(`  ${widths.map((width) => '─'.repeat(width)).join('  ')}`)
  }
}

/** `1.18 × (goal < 1.3)`, marked when the goal is missed. */
export function showRatio(ratio: number, goal: number): string {
  return `${ratio.toFixed(2)} × (goal < ${goal})${ratio < goal ? '' : ' MISSED'}`
}
