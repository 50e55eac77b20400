/** Breaks text between words, so that no line is longer than `width` unless a word is. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

export type Row = readonly [name: string, text: string]

/** Where texts begin beside names: behind the widest that is no wider than `most`. */
export function measureNames(rows: readonly Row[], most = 30): number {
  return Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= most)) + 4
}

/** Two columns: names, and wrapped texts that begin at `start`. */
export function alignColumns(
  rows: readonly Row[],
  width: number,
  start: number = measureNames(rows),
): readonly string[] {
  return rows.flatMap(([name, text]) => {
    const lines = wrapText(text, Math.max(20, width - start)).map((line) => `${' '.repeat(start)}${line}`)
    const [first = '', ...others] = lines
    const head = `  ${name}`
    // A name that reaches into the texts stands on a line of its own.
    if (head.length + 2 > start) return [head, ...lines]
    return [`${head}${first.slice(head.length)}`, ...others]
  })
}
