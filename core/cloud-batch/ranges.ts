/** Numbers as text, `0-4,7`: a hundred thousand tasks that did not succeed are mostly neighbours. In order, each once. */
export function writeRanges(numbers: Iterable<number>): string {
  const ranges: string[] = []
  let first: number | undefined
  let last = 0
  const close = () => {
    if (first !== undefined) ranges.push(first === last ? String(first) : `${first}-${last}`)
  }
  for (const number of numbers) {
    if (first !== undefined && number === last + 1) {
      last = number
      continue
    }
    close()
    first = last = number
  }
  close()
  return ranges.join(',')
}

/** The numbers of such a text. */
export function* readRanges(text: string): Iterable<number> {
  for (const range of text.split(',').filter(Boolean)) {
    const [first = 0, last = first] = range.split('-').map(Number)
    for (let number = first; number <= last; number++) yield number
  }
}
